package lsp

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// message is one JSON-RPC 2.0 message: a request (ID and Method), a
// notification (Method alone) or a response (ID alone).
type message struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  *rpcError       `json:"error,omitempty"`
}

func (m *message) isRequest() bool { return m.Method != "" && len(m.ID) > 0 }

// rpcError is what a request that fails is answered with.
type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func (e *rpcError) Error() string { return e.Message }

// Codes of JSON-RPC and of the protocol.
const (
	parseError     = -32700
	invalidRequest = -32600
	methodNotFound = -32601
	invalidParams  = -32602
	internalError  = -32603
	notInitialized = -32002
	requestFailed  = -32803
	cancelled      = -32800
)

// maxMessage bounds what one message may hold; a larger one is skipped.
const maxMessage = 64 << 20

// errTooLong is what reading a message that is too long gives; the next one
// can be read.
var errTooLong = fmt.Errorf("a message is longer than %d bytes", maxMessage)

// readMessage reads one message: headers, an empty line, and as many bytes as
// Content-Length says. A head without that is skipped. The error is that of
// reading, or errTooLong.
func readMessage(r *bufio.Reader) ([]byte, error) {
	length := int64(-1)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return nil, err
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			if length < 0 {
				continue
			}
			break
		}
		name, value, _ := strings.Cut(line, ":")
		if strings.EqualFold(strings.TrimSpace(name), "Content-Length") {
			if n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64); err == nil && n >= 0 {
				length = n
			}
		}
	}
	if length > maxMessage {
		if _, err := io.CopyN(io.Discard, r, length); err != nil {
			return nil, err
		}
		return nil, errTooLong
	}
	body := make([]byte, length)
	_, err := io.ReadFull(r, body)
	return body, err
}

// decode reads the JSON of a message.
func decode(body []byte) (*message, *rpcError) {
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return nil, &rpcError{parseError, "this is not JSON: " + err.Error()}
		}
		return nil, &rpcError{invalidRequest, "this is no JSON-RPC message: " + err.Error()}
	}
	if m.Method == "" && len(m.ID) == 0 {
		return nil, &rpcError{invalidRequest, "a message has a method or an id"}
	}
	return &m, nil
}

// writer sends messages; several goroutines may use it.
type writer struct {
	mu  sync.Mutex
	w   io.Writer
	err error // the first that happened; after it nothing is sent
}

// send writes one message.
func (w *writer) send(m any) {
	body, err := json.Marshal(m)
	if err != nil {
		panic(fmt.Sprintf("lsp: a message that is no JSON: %v", err))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return
	}
	_, w.err = fmt.Fprintf(w.w, "Content-Length: %d\r\n\r\n%s", len(body), body)
}

// The envelopes of what is sent. A response has a result, even null, or an
// error, never both.
type (
	response struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Result  any             `json:"result"`
	}
	failure struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Error   *rpcError       `json:"error"`
	}
	call struct {
		Version string `json:"jsonrpc"`
		ID      int    `json:"id,omitempty"` // of requests; they begin with 1
		Method  string `json:"method"`
		Params  any    `json:"params"`
	}
)

var null = json.RawMessage("null")

func (w *writer) answer(id json.RawMessage, result any) { w.send(response{"2.0", id, result}) }

func (w *writer) fail(id json.RawMessage, e *rpcError) {
	if len(id) == 0 {
		id = null
	}
	w.send(failure{"2.0", id, e})
}

func (w *writer) notify(method string, params any) {
	w.send(call{Version: "2.0", Method: method, Params: params})
}
