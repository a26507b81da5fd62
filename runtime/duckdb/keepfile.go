package duckdb

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"github.com/segql/segql/compiler/kernel"
)

// keepFile is what is kept from one run to the next, to be quicker: features as
// they were at its instant. It can always be thrown away.
type keepFile struct {
	AsOf     int64 // of the run
	Programs []keptProgram
	Entities []keptEntity
}

// keptProgram is what is kept of a kernel program. Owners are numbered in the
// order of their keys.
type keptProgram struct {
	Entity, Fact, Key string
	Whole             bool     // keys are whole numbers
	Keys              []int64  // of owners, or
	Texts             []string // theirs
	Features          *kernel.Kept
	Marks             *Marks // of its table; nil: it is none, or none that can only grow
}

// keepFormat begins a file; another program, or another form, has another one.
// Then come, each after its length, what is small, in gob, and of each program
// keys, digests and parts.
const keepFormat = "segql kept features 1\n"

var checksums = crc32.MakeTable(crc32.Castagnoli)

// readKeep reads a file. One that is not there, or damaged, or of another form,
// is as good as none: nil.
func readKeep(path string) *keepFile {
	raw, err := os.ReadFile(path)
	if err != nil || len(raw) < len(keepFormat)+crc32.Size {
		return nil
	}
	body, sum := raw[:len(raw)-crc32.Size], raw[len(raw)-crc32.Size:]
	if !bytes.HasPrefix(body, []byte(keepFormat)) || crc32.Checksum(body, checksums) != binary.LittleEndian.Uint32(sum) {
		return nil
	}
	r := &keepReader{left: body[len(keepFormat):]}
	out := &keepFile{}
	if err := gob.NewDecoder(bytes.NewReader(r.next())).Decode(out); err != nil {
		return nil
	}
	for i := range out.Programs {
		r.program(&out.Programs[i])
	}
	if r.bad || len(r.left) > 0 {
		return nil
	}
	return out
}

type keepReader struct {
	left []byte
	bad  bool // it is shorter than it says
}

// next is what comes next.
func (r *keepReader) next() []byte {
	n, k := binary.Uvarint(r.left)
	if k <= 0 || uint64(len(r.left)-k) < n {
		r.bad, r.left = true, nil
		return nil
	}
	out := r.left[k : k+int(n) : k+int(n)]
	r.left = r.left[k+int(n):]
	return out
}

// numbers are as many as the slice has room for.
func (r *keepReader) numbers(into any) {
	if _, err := binary.Decode(r.next(), binary.LittleEndian, into); err != nil {
		r.bad = true
	}
}

func (r *keepReader) program(p *keptProgram) {
	f := p.Features
	if p.Whole {
		p.Keys = make([]int64, f.Owners)
		r.numbers(p.Keys)
	} else {
		names := &keepReader{left: r.next()}
		p.Texts = make([]string, f.Owners)
		for i := range p.Texts {
			p.Texts[i] = string(names.next())
		}
		r.bad = r.bad || names.bad
	}
	f.Digests = make([]uint64, f.Owners)
	r.numbers(f.Digests)
	f.Parts = make([][]byte, kernel.PartsOf(f.Owners))
	for i := range f.Parts {
		f.Parts[i] = r.next()
	}
}

// write replaces the file, all at once.
func (k *keepFile) write(path string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("keep features for the next run: %w", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
			err = fmt.Errorf("keep features for the next run: %w", err)
		}
	}()
	sum := crc32.New(checksums)
	out := bufio.NewWriterSize(io.MultiWriter(f, sum), 1<<20)
	if err = k.writeTo(out); err != nil {
		return err
	}
	if err = out.Flush(); err != nil {
		return err
	}
	if err = binary.Write(f, binary.LittleEndian, sum.Sum32()); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func (k *keepFile) writeTo(out *bufio.Writer) error {
	if _, err := out.WriteString(keepFormat); err != nil {
		return err
	}
	small := keepFile{AsOf: k.AsOf, Entities: k.Entities}
	for _, p := range k.Programs {
		features := *p.Features
		features.Digests, features.Parts = nil, nil
		p.Keys, p.Texts, p.Features = nil, nil, &features
		small.Programs = append(small.Programs, p)
	}
	var head bytes.Buffer
	if err := gob.NewEncoder(&head).Encode(small); err != nil {
		return err
	}
	parts := [][]byte{head.Bytes()}
	for _, p := range k.Programs {
		keys, err := binary.Append(nil, binary.LittleEndian, p.Keys)
		if err != nil {
			return err
		}
		for _, text := range p.Texts {
			keys = append(binary.AppendUvarint(keys, uint64(len(text))), text...)
		}
		digests, err := binary.Append(nil, binary.LittleEndian, p.Features.Digests)
		if err != nil {
			return err
		}
		parts = append(append(parts, keys, digests), p.Features.Parts...)
	}
	for _, part := range parts {
		if _, err := out.Write(binary.AppendUvarint(nil, uint64(len(part)))); err != nil {
			return err
		}
		if _, err := out.Write(part); err != nil {
			return err
		}
	}
	return nil
}
