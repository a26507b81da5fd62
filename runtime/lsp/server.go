// Package lsp is the language server: it keeps the files that an editor has
// open, checks their projects while somebody types, and answers with what
// package assist knows.
//
// One goroutine owns all state and handles one message after another, so that
// an answer is always of the text that the messages before it have left. A
// second one only reads, so that a request can be cancelled while it waits.
// What takes long runs beside them on copies and comes back as an event: the
// check of a whole project, the columns of its data, the sizes of the last run.
// Files are never written, and no database is opened here: what needs one is
// given by the caller (Options).
package lsp

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/segql/segql/compiler/assist"
)

// Options of a server. The zero Options serve definitions alone.
type Options struct {
	Version string
	// Delay is how long a project is left alone after a change before it is
	// checked; 0 is a fifth of a second.
	Delay time.Duration
	// Columns describes sources of the project in a folder. It may take long
	// and is called beside the editing. Nil: only what catalogs declare is
	// known.
	Columns func(ctx context.Context, dir string, sources []Source) []Columns
	// Sizes gives the sizes of segments at the last run of the project in a
	// folder; nil when there are none. It may take long.
	Sizes func(ctx context.Context, dir string) map[string]assist.Size
	// Lint adds the advice of package lint to what a check finds.
	Lint bool
	// Log takes what went wrong inside; nil: nothing is logged.
	Log io.Writer
}

// Exit codes of Serve: the protocol's own.
const (
	ExitOK  = 0 // the editor said shutdown, then exit
	ExitBad = 1 // it left without shutdown
)

// Serve speaks the protocol until the editor says exit or in ends, and gives
// the exit code of the process. The error is that of reading or writing.
func Serve(ctx context.Context, in io.Reader, out io.Writer, o Options) (code int, err error) {
	if o.Delay == 0 {
		o.Delay = 200 * time.Millisecond
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s := &server{ctx: ctx, opt: o, out: &writer{w: out}, events: make(chan func(), 64), docs: map[string]*document{},
		projects: map[string]*project{}, published: map[string]string{}, code: -1}
	read := make(chan incoming, 64)
	go s.read(bufio.NewReaderSize(in, 1<<16), read)
	for s.code < 0 {
		select {
		case <-ctx.Done():
			return ExitBad, ctx.Err()
		case event := <-s.events:
			_ = s.guard("an event", event) // it is logged
		case m, more := <-read:
			if !more {
				return s.ended(), nil
			}
			if m.err != nil {
				return s.ended(), fmt.Errorf("read from the editor: %w", m.err)
			}
			s.handle(m)
		}
		if s.out.err != nil {
			return ExitBad, fmt.Errorf("write to the editor: %w", s.out.err)
		}
	}
	return s.code, nil
}

// server is the state that the goroutine of Serve owns.
type server struct {
	ctx    context.Context
	opt    Options
	out    *writer
	events chan func() // to be run by the goroutine of Serve
	state  lifecycle
	code   int // of the exit; -1: go on
	client clientCapabilities
	calls  int // requests sent to the client

	docs      map[string]*document // by URI
	projects  map[string]*project  // by folder
	folders   []string             // of the workspace
	published map[string]string    // by URI, what was said last

	answering atomic.Bool // an editor waits

	cancelMu  sync.Mutex
	cancelled map[string]bool // requests that wait, by id
}

type lifecycle int

const (
	created lifecycle = iota
	initialized
	shutDown
)

// incoming is one message, or why there is none.
type incoming struct {
	m   *message
	bad *rpcError // to be answered
	err error     // the end
}

// read reads messages until the input ends. It marks cancelled requests at
// once; all else is for the goroutine of Serve.
func (s *server) read(r *bufio.Reader, out chan<- incoming) {
	defer close(out)
	for {
		body, err := readMessage(r)
		switch {
		case errors.Is(err, errTooLong):
			out <- incoming{bad: &rpcError{invalidRequest, err.Error()}}
			continue
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.ErrClosedPipe):
			return
		case err != nil:
			out <- incoming{err: err}
			return
		}
		m, bad := decode(body)
		if m != nil && m.Method == "$/cancelRequest" {
			s.cancel(m.Params)
			continue
		}
		select {
		case out <- incoming{m: m, bad: bad}:
		case <-s.ctx.Done():
			return
		}
	}
}

func (s *server) cancel(raw json.RawMessage) {
	p, err := params[struct {
		ID json.RawMessage `json:"id"`
	}](raw)
	if err != nil || len(p.ID) == 0 {
		return
	}
	s.cancelMu.Lock()
	defer s.cancelMu.Unlock()
	if s.cancelled == nil || len(s.cancelled) > 1000 { // those that came after the answer
		s.cancelled = map[string]bool{}
	}
	s.cancelled[string(p.ID)] = true
}

func (s *server) wasCancelled(id json.RawMessage) bool {
	s.cancelMu.Lock()
	defer s.cancelMu.Unlock()
	found := s.cancelled[string(id)]
	delete(s.cancelled, string(id))
	return found
}

// ended is the exit code when the input has ended.
func (s *server) ended() int {
	if s.state == shutDown {
		return ExitOK
	}
	return ExitBad
}

// guard runs f; a panic in it is a bug, which is logged and ends nothing.
func (s *server) guard(what string, f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(s.opt.Log, "segql lsp: internal error in %s: %v\n%s", what, r, debug.Stack())
			err = &rpcError{internalError, fmt.Sprintf("internal error: %v", r)}
		}
	}()
	f()
	return nil
}

// handle answers one message.
func (s *server) handle(in incoming) {
	s.answering.Store(true)
	defer s.answering.Store(false)
	m := in.m
	switch {
	case in.bad != nil:
		s.out.fail(nil, in.bad)
		return
	case m.Method == "": // an answer to one of our own requests
		if m.Error != nil {
			fmt.Fprintf(s.opt.Log, "segql lsp: the editor answered: %s\n", m.Error.Message)
		}
		return
	case m.Method == "exit":
		s.code = s.ended()
		return
	case m.isRequest():
		s.request(m)
		return
	}
	if h := notifications[m.Method]; h != nil && s.state == initialized {
		if err := s.guard(m.Method, func() { h(s, m.Params) }); err != nil {
			return
		}
	}
}

// request answers a request, whatever happens.
func (s *server) request(m *message) {
	h := requests[m.Method]
	var bad *rpcError
	switch {
	case s.wasCancelled(m.ID):
		bad = &rpcError{cancelled, "cancelled"}
	case s.state == shutDown:
		bad = &rpcError{invalidRequest, "the server is shutting down"}
	case s.state == created && m.Method != "initialize":
		bad = &rpcError{notInitialized, "the first request is initialize"}
	case s.state == initialized && m.Method == "initialize":
		bad = &rpcError{invalidRequest, "initialize comes once"}
	case h == nil:
		bad = &rpcError{methodNotFound, "there is no method " + m.Method}
	}
	if bad != nil {
		s.out.fail(m.ID, bad)
		return
	}
	var result any
	var err error
	if panicked := s.guard(m.Method, func() { result, err = h(s, m.Params) }); panicked != nil {
		err = panicked
	}
	if err != nil {
		var e *rpcError
		if !errors.As(err, &e) {
			e = &rpcError{requestFailed, err.Error()}
		}
		s.out.fail(m.ID, e)
		return
	}
	s.out.answer(m.ID, result)
}

// later runs f in the goroutine of Serve.
func (s *server) later(f func()) {
	select {
	case s.events <- f:
	case <-s.ctx.Done():
	}
}

// beside runs f in a goroutine of its own. A panic there is logged; what f
// would have done at its end is left out.
func (s *server) beside(what string, f func()) {
	go func() { _ = s.guard(what, f) }()
}

// call sends a request to the client, whose answer means nothing.
func (s *server) call(method string, params any) {
	s.calls++
	s.out.send(call{Version: "2.0", ID: s.calls, Method: method, Params: params})
}

// requests and notifications are what the server understands.
var (
	requests      map[string]func(*server, json.RawMessage) (any, error)
	notifications map[string]func(*server, json.RawMessage)
)

func init() { // not at their declarations: the handlers lead back to them
	requests = map[string]func(*server, json.RawMessage) (any, error){
		"initialize":                       (*server).initialize,
		"shutdown":                         (*server).shutdown,
		"codeLens/resolve":                 func(_ *server, raw json.RawMessage) (any, error) { return raw, nil },
		"textDocument/codeAction":          (*server).codeActions,
		"textDocument/codeLens":            (*server).codeLenses,
		"textDocument/completion":          (*server).completion,
		"textDocument/definition":          (*server).definition,
		"textDocument/documentHighlight":   (*server).highlights,
		"textDocument/documentSymbol":      (*server).documentSymbols,
		"textDocument/foldingRange":        (*server).folds,
		"textDocument/formatting":          (*server).formatting,
		"textDocument/hover":               (*server).hover,
		"textDocument/inlayHint":           (*server).inlayHints,
		"textDocument/prepareRename":       (*server).prepareRename,
		"textDocument/references":          (*server).references,
		"textDocument/rename":              (*server).rename,
		"textDocument/selectionRange":      (*server).selections,
		"textDocument/semanticTokens/full": (*server).semanticTokens,
		"textDocument/signatureHelp":       (*server).signatureHelp,
		"workspace/symbol":                 (*server).workspaceSymbols,
	}
	notifications = map[string]func(*server, json.RawMessage){
		"initialized":                         (*server).initialized,
		"textDocument/didChange":              (*server).didChange,
		"textDocument/didClose":               (*server).didClose,
		"textDocument/didOpen":                (*server).didOpen,
		"textDocument/didSave":                (*server).didSave,
		"workspace/didChangeWatchedFiles":     (*server).didChangeWatchedFiles,
		"workspace/didChangeWorkspaceFolders": (*server).didChangeFolders,
	}
}

// initialize says what the server can do.
func (s *server) initialize(raw json.RawMessage) (any, error) {
	p, err := params[initializeParams](raw)
	if err != nil {
		return nil, err
	}
	s.state, s.client = initialized, p.Capabilities
	for _, f := range p.Folders {
		s.addFolder(f.URI)
	}
	if len(p.Folders) == 0 && p.RootURI != "" {
		s.addFolder(p.RootURI)
	}
	type object = map[string]any
	return object{
		"serverInfo": object{"name": "segql", "version": s.opt.Version},
		"capabilities": object{
			"positionEncoding":           "utf-16",
			"textDocumentSync":           object{"openClose": true, "change": 2, "save": object{"includeText": false}},
			"hoverProvider":              true,
			"completionProvider":         object{"triggerCharacters": []string{".", "\"", "(", "[", "{", " ", "="}},
			"signatureHelpProvider":      object{"triggerCharacters": []string{"(", ","}},
			"definitionProvider":         true,
			"referencesProvider":         true,
			"documentHighlightProvider":  true,
			"documentSymbolProvider":     true,
			"workspaceSymbolProvider":    true,
			"codeActionProvider":         object{"codeActionKinds": []string{quickFix, fixAll}},
			"codeLensProvider":           object{"resolveProvider": false},
			"documentFormattingProvider": true,
			"renameProvider":             object{"prepareProvider": true},
			"foldingRangeProvider":       true,
			"selectionRangeProvider":     true,
			"inlayHintProvider":          true,
			"semanticTokensProvider": object{"full": true, "legend": object{
				"tokenTypes": assist.TokenTypes, "tokenModifiers": []string{"declaration"}}},
			"workspace": object{"workspaceFolders": object{"supported": true, "changeNotifications": true}},
		},
	}, nil
}

func (s *server) shutdown(json.RawMessage) (any, error) {
	s.state = shutDown
	return nil, nil
}

// initialized looks for the projects of the workspace and asks to be told of
// changed files.
func (s *server) initialized(json.RawMessage) {
	if s.client.Workspace.WatchedFiles.Dynamic {
		var watchers []map[string]any
		for _, glob := range []string{"**/*.seg", "**/*.yaml", "**/*.{csv,tsv,json,jsonl,parquet,txt}", "**/.segql/store.duckdb"} {
			watchers = append(watchers, map[string]any{"globPattern": glob})
		}
		s.call("client/registerCapability", map[string]any{"registrations": []map[string]any{{
			"id": "files", "method": "workspace/didChangeWatchedFiles", "registerOptions": map[string]any{"watchers": watchers}}}})
	}
	s.findProjects(s.folders)
}
