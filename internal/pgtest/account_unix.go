//go:build unix

package pgtest

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the user that the server runs as: this one, or, as PostgreSQL
// refuses to run as root, one that is not root.
type account struct {
	uid, gid int // -1: this one
}

func serverAccount() (*account, error) {
	if os.Geteuid() != 0 {
		return &account{-1, -1}, nil
	}
	for _, name := range []string{"postgres", "nobody", "daemon"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(u.Uid)
		gid, gidErr := strconv.Atoi(u.Gid)
		if uidErr == nil && gidErr == nil && uid != 0 {
			return &account{uid, gid}, nil
		}
	}
	return nil, errors.New("there is no user but root, as whom PostgreSQL does not run")
}

// own gives a folder to the account.
func (a *account) own(dir string) bool { return a.uid < 0 || os.Chown(dir, a.uid, a.gid) == nil }

// reaches reports whether the account may pass through all folders above.
func (a *account) reaches(dir string) bool {
	for d := filepath.Dir(dir); a.uid >= 0; d = filepath.Dir(d) {
		info, err := os.Stat(d)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		if d == filepath.Dir(d) {
			break
		}
	}
	return true
}

func (a *account) command(dir, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC", "HOME=" + dir}
	// In a group of its own, so that Ctrl-C leaves the clearing up to it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if a.uid >= 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return cmd
}
