package lsp_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/segql/segql/runtime/lsp"
)

// client is an editor: it drives a server over pipes, as a process would be.
type client struct {
	t      testing.TB
	dir    string
	in     *io.PipeWriter
	log    lockedBuffer
	done   chan struct{}
	code   int
	err    error
	nextID int

	mu      sync.Mutex
	changed *sync.Cond
	answers map[int]reply
	said    map[string][]published // by URI, in order
	calls   []string
	closed  bool
}

type reply struct {
	Result json.RawMessage
	Error  *struct {
		Code    int
		Message string
	}
}

type published struct {
	URI         string
	Version     *int
	Diagnostics []struct {
		Range    lsp.Range
		Severity int
		Code     string
		Tags     []int
		Message  string
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// start serves a folder with some files.
func start(t testing.TB, files map[string]string, o lsp.Options) *client {
	t.Helper()
	c := &client{t: t, dir: t.TempDir(), done: make(chan struct{}), answers: map[int]reply{}, said: map[string][]published{}}
	if real, err := filepath.EvalSymlinks(c.dir); err == nil {
		c.dir = real
	}
	c.changed = sync.NewCond(&c.mu)
	for name, text := range files {
		c.write(name, text)
	}
	if o.Delay == 0 {
		o.Delay = time.Millisecond
	}
	o.Log = &c.log
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	c.in = inW
	go func() {
		defer close(c.done)
		c.code, c.err = lsp.Serve(context.Background(), inR, outW, o)
		_ = outW.Close()
		_ = inR.Close()
	}()
	go c.read(bufio.NewReader(outR))
	t.Cleanup(func() {
		_ = inW.Close()
		<-c.done
		if s := c.log.String(); strings.Contains(s, "internal error") && !t.Failed() {
			t.Errorf("the server logged: %s", s)
		}
	})
	return c
}

func (c *client) write(name, text string) {
	file := filepath.Join(c.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) uri(name string) string {
	return "file://" + filepath.ToSlash(filepath.Join(c.dir, filepath.FromSlash(name)))
}

func (c *client) read(r *bufio.Reader) {
	defer func() {
		c.mu.Lock()
		c.closed = true
		c.changed.Broadcast()
		c.mu.Unlock()
		_, _ = io.Copy(io.Discard, r) // the server must never wait for us
	}()
	for {
		head, err := textproto.NewReader(r).ReadMIMEHeader()
		if err != nil {
			return
		}
		n, err := strconv.Atoi(head.Get("Content-Length"))
		if err != nil {
			return
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(r, body); err != nil {
			return
		}
		var m struct {
			ID     json.RawMessage
			Method string
			Params json.RawMessage
			reply
		}
		if json.Unmarshal(body, &m) != nil {
			return
		}
		c.mu.Lock()
		switch {
		case m.Method == "textDocument/publishDiagnostics":
			var p published
			_ = json.Unmarshal(m.Params, &p)
			c.said[p.URI] = append(c.said[p.URI], p)
		case m.Method != "":
			c.calls = append(c.calls, m.Method)
		default:
			id, _ := strconv.Atoi(string(m.ID))
			c.answers[id] = m.reply
		}
		c.changed.Broadcast()
		c.mu.Unlock()
	}
}

// raw sends bytes as they are.
func (c *client) raw(text string) { _, _ = io.WriteString(c.in, text) }

func (c *client) send(m map[string]any) {
	m["jsonrpc"] = "2.0"
	body, err := json.Marshal(m)
	if err != nil {
		c.t.Fatal(err)
	}
	c.raw(fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body))
}

func (c *client) notify(method string, params any) {
	c.send(map[string]any{"method": method, "params": params})
}

// wait blocks until f holds. There is no clock: a server that never gets
// there is ended by the time limit of the test binary.
func (c *client) wait(f func() bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !f() {
		if c.closed {
			return false
		}
		c.changed.Wait()
	}
	return true
}

// ask sends a request and waits for its answer.
func (c *client) ask(method string, params any) reply {
	c.nextID++
	id := c.nextID
	c.send(map[string]any{"id": id, "method": method, "params": params})
	var r reply
	if !c.wait(func() (ok bool) { r, ok = c.answers[id]; return ok }) {
		c.t.Fatalf("no answer to %s; %s", method, c.log.String())
	}
	return r
}

// get asks and decodes the result, which must not be an error.
func get[T any](c *client, method string, params any) T {
	c.t.Helper()
	r := c.ask(method, params)
	if r.Error != nil {
		c.t.Fatalf("%s: %s", method, r.Error.Message)
	}
	var out T
	if err := json.Unmarshal(r.Result, &out); err != nil {
		c.t.Fatalf("%s: %v in %s", method, err, r.Result)
	}
	return out
}

type object = map[string]any

// begin initializes with what a full-grown editor can do.
func (c *client) begin() {
	c.t.Helper()
	get[object](c, "initialize", object{"processId": nil, "rootUri": nil, "workspaceFolders": []object{{"uri": c.uri(""), "name": "x"}},
		"capabilities": object{"workspace": object{"workspaceEdit": object{"documentChanges": true},
			"didChangeWatchedFiles": object{"dynamicRegistration": true}, "inlayHint": object{"refreshSupport": true}, "codeLens": object{"refreshSupport": true}},
			"textDocument": object{"completion": object{"completionItem": object{"snippetSupport": true, "tagSupport": object{"valueSet": []int{1}}}},
				"publishDiagnostics": object{"tagSupport": object{"valueSet": []int{1, 2}}}}}})
	c.notify("initialized", object{})
}

func (c *client) open(name, text string) {
	c.notify("textDocument/didOpen", object{"textDocument": object{"uri": c.uri(name), "languageId": "segql", "version": 1, "text": text}})
}

func (c *client) change(name string, version int, changes ...object) {
	c.notify("textDocument/didChange", object{"textDocument": object{"uri": c.uri(name), "version": version}, "contentChanges": changes})
}

func (c *client) doc(name string) object { return object{"textDocument": object{"uri": c.uri(name)}} }

// at is a position: that of the | in text, in UTF-16 units.
func (c *client) at(name, text string) object {
	p := c.doc(name)
	p["position"] = mark(text)
	return p
}

func mark(text string) lsp.Position {
	before, _, _ := strings.Cut(text, "|")
	lines := strings.Split(before, "\n")
	units := 0
	for _, r := range lines[len(lines)-1] {
		units++
		if r > 0xffff {
			units++
		}
	}
	return lsp.Position{Line: len(lines) - 1, Character: units}
}

// diagnostics waits until those of a version of a file are said, and gives
// their codes with the lines they begin on.
func (c *client) diagnostics(name string, version int) string {
	c.t.Helper()
	uri := c.uri(name)
	var last published
	ok := c.wait(func() bool {
		list := c.said[uri]
		if len(list) == 0 {
			return false
		}
		last = list[len(list)-1]
		return version == 0 || last.Version != nil && *last.Version == version
	})
	if !ok {
		c.t.Fatalf("no diagnostics of %s; %s", name, c.log.String())
	}
	return codes(last)
}

func codes(p published) string {
	var out []string
	for _, d := range p.Diagnostics {
		out = append(out, fmt.Sprintf("%s@%d:%d", d.Code, d.Range.Start.Line, d.Range.Start.Character))
	}
	return strings.Join(out, " ")
}

// until waits for the diagnostics of a file to become these.
func (c *client) until(name, want string) {
	c.t.Helper()
	got, late := "", false
	watchdog := time.AfterFunc(time.Minute, func() { // only where they never do
		c.mu.Lock()
		late = true
		c.changed.Broadcast()
		c.mu.Unlock()
	})
	defer watchdog.Stop()
	c.wait(func() bool {
		got = ""
		if list := c.said[c.uri(name)]; len(list) > 0 {
			got = codes(list[len(list)-1])
		}
		return got == want || late
	})
	if got != want {
		c.t.Fatalf("%s: %q, want %q; %s", name, got, want, c.log.String())
	}
}
