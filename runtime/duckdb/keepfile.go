package duckdb

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"sync/atomic"

	"github.com/segql/segql/compiler/kernel"
)

// kept is what is kept from one run to the next, to be quicker: features as
// they were at its instant. It can always be thrown away.
type kept struct {
	AsOf     int64 // of the run
	Programs []keptProgram
	Entities []keptEntity
}

// keptProgram is what is kept of a kernel program. Owners are numbered in the
// order of their keys.
type keptProgram struct {
	Entity, Fact, Key string
	Whole             bool // keys are whole numbers
	Keys, Digests     blob // of owners
	Parts             []blob
	Features          *kernel.Kept // but for its Digests and Parts
	Marks             *Marks       // of its table; nil: it is none, or none that can only grow
}

// blob is bytes of the file.
type blob struct {
	At  int64
	Len int
	Sum uint32
}

// keepFormat begins a file; another program, or another form, has another one.
// Then come blobs, and at the end what they are, with its place and sum.
const keepFormat = "segql kept features 6\n"

const tailBytes = 16

var checksums = crc32.MakeTable(crc32.Castagnoli)

var errDamaged = errors.New("the file of kept features is damaged")

// keepFile is a file that is read, or written.
type keepFile struct {
	kept
	f  *os.File
	at atomic.Int64 // where the next blob goes
}

// readKeep opens a file. One that is not there, or damaged, or of another form,
// is as good as none: nil.
func readKeep(path string) *keepFile {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	k := &keepFile{f: f}
	if err := k.readIndex(); err != nil {
		_ = f.Close()
		return nil
	}
	return k
}

func (k *keepFile) readIndex() error {
	info, err := k.f.Stat()
	if err != nil {
		return err
	}
	head, tail := make([]byte, len(keepFormat)), make([]byte, tailBytes)
	if info.Size() < int64(len(head)+len(tail)) {
		return errDamaged
	}
	if _, err := k.f.ReadAt(head, 0); err != nil || string(head) != keepFormat {
		return errors.Join(err, errDamaged)
	}
	if _, err := k.f.ReadAt(tail, info.Size()-tailBytes); err != nil {
		return err
	}
	index := blob{int64(binary.LittleEndian.Uint64(tail)), int(binary.LittleEndian.Uint32(tail[8:])), binary.LittleEndian.Uint32(tail[12:])}
	if index.At+int64(index.Len) != info.Size()-tailBytes {
		return errDamaged
	}
	raw, err := k.read(index)
	if err != nil {
		return err
	}
	return gob.NewDecoder(bytes.NewReader(raw)).Decode(&k.kept)
}

func (k *keepFile) read(b blob) ([]byte, error) {
	raw := make([]byte, b.Len)
	if _, err := k.f.ReadAt(raw, b.At); err != nil {
		return nil, fmt.Errorf("read kept features: %w", err)
	}
	if crc32.Checksum(raw, checksums) != b.Sum {
		return nil, errDamaged
	}
	return raw, nil
}

// numbers reads as many as the slice has room for.
func (k *keepFile) numbers(b blob, into any) error {
	raw, err := k.read(b)
	if err == nil {
		_, err = binary.Decode(raw, binary.LittleEndian, into)
	}
	return err
}

// texts reads n texts.
func (k *keepFile) texts(b blob, n int) ([]string, error) {
	raw, err := k.read(b)
	if err != nil {
		return nil, err
	}
	out := make([]string, n)
	for i := range out {
		size, w := binary.Uvarint(raw)
		if w <= 0 || uint64(len(raw)-w) < size {
			return nil, errDamaged
		}
		out[i], raw = string(raw[w:w+int(size)]), raw[w+int(size):]
	}
	return out, nil
}

// features are those of a program, with what the index leaves out.
func (k *keepFile) features(p *keptProgram) (*kernel.Kept, error) {
	f := *p.Features
	f.Digests = make([]uint64, f.Owners)
	f.Parts = &fileParts{k, p.Parts}
	if len(p.Parts) != kernel.PartsOf(f.Owners) {
		return nil, errDamaged
	}
	return &f, k.numbers(p.Digests, f.Digests)
}

// fileParts are parts in a file.
type fileParts struct {
	file  *keepFile
	parts []blob
}

func (p *fileParts) Part(i int) ([]byte, error) { return p.file.read(p.parts[i]) }

func (p *fileParts) SetPart(i int, part []byte) (err error) {
	p.parts[i], err = p.file.put(part)
	return err
}

// newKeep begins a file, in the place of one that another run has left.
func newKeep(path string, asOf int64) (*keepFile, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("keep features for the next run: %w", err)
	}
	k := &keepFile{kept: kept{AsOf: asOf}, f: f}
	_, err = k.put([]byte(keepFormat))
	return k, err
}

func (k *keepFile) newParts(owners int) *fileParts {
	return &fileParts{k, make([]blob, kernel.PartsOf(owners))}
}

// put adds a blob; for several goroutines at once.
func (k *keepFile) put(raw []byte) (blob, error) {
	size := int64(len(raw))
	b := blob{k.at.Add(size) - size, len(raw), crc32.Checksum(raw, checksums)}
	if _, err := k.f.WriteAt(raw, b.At); err != nil {
		return b, fmt.Errorf("keep features for the next run: %w", err)
	}
	return b, nil
}

// putNumbers adds a slice of them.
func (k *keepFile) putNumbers(numbers any) (blob, error) {
	raw, err := binary.Append(nil, binary.LittleEndian, numbers)
	if err != nil {
		return blob{}, err
	}
	return k.put(raw)
}

// putKeys adds keys, which are numbers or texts.
func (k *keepFile) putKeys(numbers []int64, texts []string) (blob, error) {
	if texts == nil {
		return k.putNumbers(numbers)
	}
	var raw []byte
	for _, text := range texts {
		raw = append(binary.AppendUvarint(raw, uint64(len(text))), text...)
	}
	return k.put(raw)
}

// finish ends the file and gives it its name.
func (k *keepFile) finish(path string) error {
	var raw bytes.Buffer
	if err := gob.NewEncoder(&raw).Encode(k.kept); err != nil {
		return err
	}
	index, err := k.put(raw.Bytes())
	if err != nil {
		return err
	}
	tail := binary.LittleEndian.AppendUint64(nil, uint64(index.At))
	tail = binary.LittleEndian.AppendUint32(tail, uint32(index.Len))
	if _, err := k.put(binary.LittleEndian.AppendUint32(tail, index.Sum)); err != nil {
		return err
	}
	if err := k.f.Close(); err != nil {
		return err
	}
	return os.Rename(k.f.Name(), path)
}
