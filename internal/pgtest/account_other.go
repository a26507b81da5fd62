//go:build !unix

package pgtest

import "os/exec"

type account struct{}

func serverAccount() (*account, error) { return nil, errNoBinaries }

func (a *account) own(string) bool { return false }

func (a *account) reaches(string) bool { return false }

func (a *account) command(_, name string, args ...string) *exec.Cmd {
	return exec.Command(name, args...)
}
