package lsp

import "encoding/json"

// The part of the Language Server Protocol 3.17 that is spoken here. Fields
// that are not looked at are left out.

type documentID struct {
	URI string `json:"uri"`
}

type positionParams struct {
	Document documentID `json:"textDocument"`
	Position Position   `json:"position"`
}

type documentParams struct {
	Document documentID `json:"textDocument"`
}

type initializeParams struct {
	RootURI      string             `json:"rootUri"`
	Folders      []documentID       `json:"workspaceFolders"`
	Capabilities clientCapabilities `json:"capabilities"`
}

type clientCapabilities struct {
	Workspace struct {
		Edit struct {
			DocumentChanges bool `json:"documentChanges"`
		} `json:"workspaceEdit"`
		WatchedFiles struct {
			Dynamic bool `json:"dynamicRegistration"`
		} `json:"didChangeWatchedFiles"`
		InlayHint struct {
			Refresh bool `json:"refreshSupport"`
		} `json:"inlayHint"`
		CodeLens struct {
			Refresh bool `json:"refreshSupport"`
		} `json:"codeLens"`
	} `json:"workspace"`
	TextDocument struct {
		Completion struct {
			Item struct {
				Snippets   bool   `json:"snippetSupport"`
				Deprecated bool   `json:"deprecatedSupport"`
				Tags       tagSet `json:"tagSupport"`
			} `json:"completionItem"`
		} `json:"completion"`
		Publish struct {
			Tags tagSet `json:"tagSupport"`
		} `json:"publishDiagnostics"`
	} `json:"textDocument"`
}

// tagSet are the tags that a client shows.
type tagSet struct {
	Values []int `json:"valueSet"`
}

// Tags for what is deprecated, of an item and of a diagnostic.
const (
	deprecatedItem       = 1
	deprecatedDiagnostic = 2
)

type openParams struct {
	Document struct {
		URI      string `json:"uri"`
		Language string `json:"languageId"`
		Version  int    `json:"version"`
		Text     string `json:"text"`
	} `json:"textDocument"`
}

type changeParams struct {
	Document struct {
		URI     string `json:"uri"`
		Version int    `json:"version"`
	} `json:"textDocument"`
	Changes []struct {
		Range *Range `json:"range"`
		Text  string `json:"text"`
	} `json:"contentChanges"`
}

type watchedParams struct {
	Changes []struct {
		URI  string `json:"uri"`
		Type int    `json:"type"` // 1 created, 2 changed, 3 deleted
	} `json:"changes"`
}

type foldersParams struct {
	Event struct {
		Added []documentID `json:"added"`
	} `json:"event"`
}

type location struct {
	URI   string `json:"uri"`
	Range Range  `json:"range"`
}

type diagnostic struct {
	Range    Range          `json:"range"`
	Severity int            `json:"severity"` // 1 error, 2 warning, 3 information
	Tags     []int          `json:"tags,omitempty"`
	Code     string         `json:"code"`
	Source   string         `json:"source"`
	Message  string         `json:"message"`
	Related  []relatedPlace `json:"relatedInformation,omitempty"`
}

type relatedPlace struct {
	Location location `json:"location"`
	Message  string   `json:"message"`
}

type publishParams struct {
	URI         string       `json:"uri"`
	Version     *int         `json:"version,omitempty"`
	Diagnostics []diagnostic `json:"diagnostics"`
}

type markup struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

func markdown(text string) markup { return markup{"markdown", text} }

type hoverResult struct {
	Contents markup `json:"contents"`
	Range    Range  `json:"range"`
}

type textEdit struct {
	Range Range  `json:"range"`
	Text  string `json:"newText"`
}

type completionItem struct {
	Label         string   `json:"label"`
	Kind          int      `json:"kind"`
	Tags          []int    `json:"tags,omitempty"`
	Deprecated    bool     `json:"deprecated,omitempty"` // for clients without tags
	Detail        string   `json:"detail,omitempty"`
	Documentation *markup  `json:"documentation,omitempty"`
	SortText      string   `json:"sortText"`
	FilterText    string   `json:"filterText,omitempty"`
	Format        int      `json:"insertTextFormat"` // 1 plain, 2 snippet
	Edit          textEdit `json:"textEdit"`
}

type completionList struct {
	Incomplete bool             `json:"isIncomplete"`
	Items      []completionItem `json:"items"`
}

type documentSymbol struct {
	Name     string           `json:"name"`
	Detail   string           `json:"detail,omitempty"`
	Kind     int              `json:"kind"`
	Range    Range            `json:"range"`
	At       Range            `json:"selectionRange"`
	Children []documentSymbol `json:"children,omitempty"`
}

type symbolInformation struct {
	Name      string   `json:"name"`
	Kind      int      `json:"kind"`
	Location  location `json:"location"`
	Container string   `json:"containerName,omitempty"`
}

type signatureHelp struct {
	Signatures      []signature `json:"signatures"`
	ActiveSignature int         `json:"activeSignature"`
	ActiveParameter int         `json:"activeParameter"`
}

type signature struct {
	Label         string      `json:"label"`
	Documentation *markup     `json:"documentation,omitempty"`
	Parameters    []parameter `json:"parameters"`
}

type parameter struct {
	Label string `json:"label"`
}

type foldingRange struct {
	StartLine int    `json:"startLine"`
	EndLine   int    `json:"endLine"`
	Kind      string `json:"kind,omitempty"`
}

type selectionRange struct {
	Range  Range           `json:"range"`
	Parent *selectionRange `json:"parent,omitempty"`
}

type inlayHint struct {
	Position Position `json:"position"`
	Label    string   `json:"label"`
	Tooltip  string   `json:"tooltip,omitempty"`
}

type codeLens struct {
	Range   Range   `json:"range"`
	Command command `json:"command"`
}

type command struct {
	Title     string `json:"title"`
	Command   string `json:"command"`
	Arguments []any  `json:"arguments,omitempty"`
}

type codeAction struct {
	Title       string        `json:"title"`
	Kind        string        `json:"kind"`
	Preferred   bool          `json:"isPreferred,omitempty"`
	Diagnostics []diagnostic  `json:"diagnostics,omitempty"`
	Edit        workspaceEdit `json:"edit"`
}

// workspaceEdit has one of its fields, by what the client understands.
type workspaceEdit struct {
	Changes   map[string][]textEdit `json:"changes,omitempty"`
	Documents []documentEdit        `json:"documentChanges,omitempty"`
}

type documentEdit struct {
	Document versionedID `json:"textDocument"`
	Edits    []textEdit  `json:"edits"`
}

type versionedID struct {
	URI     string `json:"uri"`
	Version *int   `json:"version"` // null: not open
}

type semanticTokens struct {
	Data []uint32 `json:"data"`
}

// params decodes the parameters of a request.
func params[T any](raw json.RawMessage) (T, error) {
	var out T
	if len(raw) == 0 {
		raw = null
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		return out, &rpcError{invalidParams, "the parameters are not understood: " + err.Error()}
	}
	return out, nil
}
