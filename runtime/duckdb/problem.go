package duckdb

import (
	"fmt"

	"github.com/segql/segql/lang/diag"
)

// Kind groups problems by what a caller may do about them.
type Kind string

// Kinds of problems. Each code has exactly one kind.
const (
	MissingFile   Kind = "missing file"
	Unreadable    Kind = "unreadable" // permission, a directory, a device
	EmptyFile     Kind = "empty file"
	DamagedFile   Kind = "damaged file" // truncated, malformed, another format, another encoding
	Dialect       Kind = "dialect"      // the delimiter of a text file
	BrokenRows    Kind = "broken rows"
	MissingTable  Kind = "missing table"
	NotOneSelect  Kind = "not one select"
	Forbidden     Kind = "forbidden" // outside the allowed folders
	OutOfMemory   Kind = "out of memory"
	DiskFull      Kind = "disk full"
	Refused       Kind = "refused"      // the engine refuses a query: a mistake in a catalog's SQL, or ours
	Misfits       Kind = "misfits"      // values that do not fit their declared type
	Disagreement  Kind = "disagreement" // files of one source differ in columns
	NoDatabase    Kind = "no database"
	NoServer      Kind = "no server" // a database server cannot be used
	Overflow      Kind = "overflow"
	DuplicateKeys Kind = "duplicate keys"
	StoreBusy     Kind = "store busy"
	StoreTooNew   Kind = "store too new"
	StoreDamaged  Kind = "store damaged"
	StoreReadOnly Kind = "store cannot be written"
	StoreMissing  Kind = "no store"
	RunTooOld     Kind = "run too old"
	Unwritable    Kind = "output cannot be written"
)

// Codes of problems with data and environment; pages in lang/diag/pages.
const (
	CodeMissingFile   diag.Code = "SEG4001"
	CodeUnreadable    diag.Code = "SEG4002"
	CodeEmptyFile     diag.Code = "SEG4003"
	CodeDamagedFile   diag.Code = "SEG4004"
	CodeDialect       diag.Code = "SEG4005"
	CodeBrokenRows    diag.Code = "SEG4006"
	CodeMissingTable  diag.Code = "SEG4007"
	CodeNotOneSelect  diag.Code = "SEG4008"
	CodeForbidden     diag.Code = "SEG4009"
	CodeOutOfMemory   diag.Code = "SEG4010"
	CodeDiskFull      diag.Code = "SEG4011"
	CodeRefused       diag.Code = "SEG4012"
	CodeMisfits       diag.Code = "SEG4013"
	CodeDisagreement  diag.Code = "SEG4014"
	CodeNoDatabase    diag.Code = "SEG4015"
	CodeOverflow      diag.Code = "SEG4016"
	CodeDuplicateKeys diag.Code = "SEG4017"
	CodeLostRows      diag.Code = "SEG4018"
	CodeStoreBusy     diag.Code = "SEG4020"
	CodeStoreTooNew   diag.Code = "SEG4021"
	CodeStoreDamaged  diag.Code = "SEG4022"
	CodeStoreReadOnly diag.Code = "SEG4023"
	CodeRunTooOld     diag.Code = "SEG4024"
	CodeStoreMissing  diag.Code = "SEG4025"
	CodeUnwritable    diag.Code = "SEG4026"
	CodeNoServer      diag.Code = "SEG4030"
)

var codes = map[Kind]diag.Code{
	MissingFile: CodeMissingFile, Unreadable: CodeUnreadable, EmptyFile: CodeEmptyFile,
	DamagedFile: CodeDamagedFile, Dialect: CodeDialect, BrokenRows: CodeBrokenRows,
	MissingTable: CodeMissingTable, NotOneSelect: CodeNotOneSelect, Forbidden: CodeForbidden,
	OutOfMemory: CodeOutOfMemory, DiskFull: CodeDiskFull, Refused: CodeRefused,
	Misfits: CodeMisfits, Disagreement: CodeDisagreement, NoDatabase: CodeNoDatabase,
	Overflow: CodeOverflow, DuplicateKeys: CodeDuplicateKeys, StoreBusy: CodeStoreBusy, StoreTooNew: CodeStoreTooNew,
	StoreDamaged: CodeStoreDamaged, StoreReadOnly: CodeStoreReadOnly,
	StoreMissing: CodeStoreMissing, NoServer: CodeNoServer, RunTooOld: CodeRunTooOld, Unwritable: CodeUnwritable,
}

// Problem is something about data or environment that the user can mend.
type Problem struct {
	Code    diag.Code
	Kind    Kind
	Message string // one sentence, no final full stop
	Help    string // the way out; several lines are possible
	File    string // as the user wrote it, or ""
	Line    int    // 1-based physical line in File, or 0
	Err     error  // what lies beneath, or nil
}

// NewProblem makes a problem of a kind, with the code that belongs to it.
func NewProblem(kind Kind, format string, args ...any) *Problem {
	return &Problem{Code: codes[kind], Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// WithHelp sets the way out and returns the problem.
func (p *Problem) WithHelp(format string, args ...any) *Problem {
	p.Help = fmt.Sprintf(format, args...)
	return p
}

// In sets file and cause and returns the problem.
func (p *Problem) In(file string, err error) *Problem {
	p.File, p.Err = file, err
	return p
}

// Error is the message with its place and code. Help is not part of it.
func (p *Problem) Error() string {
	switch {
	case p.File != "" && p.Line > 0:
		return fmt.Sprintf("%s:%d: %s [%s]", p.File, p.Line, p.Message, p.Code)
	case p.File != "":
		return fmt.Sprintf("%s: %s [%s]", p.File, p.Message, p.Code)
	default:
		return fmt.Sprintf("%s [%s]", p.Message, p.Code)
	}
}

// Unwrap gives the cause to errors.Is and errors.As.
func (p *Problem) Unwrap() error { return p.Err }
