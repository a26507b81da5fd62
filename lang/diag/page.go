package diag

import (
	"fmt"
	"regexp"
	"strings"
)

// AtRunTime reports whether a code is about data, environment or one
// evaluation (SEG4xxx, SEG301x), so that its page shows transcripts: compiling
// an example cannot give it.
func (c Code) AtRunTime() bool {
	return strings.HasPrefix(string(c), "SEG4") || strings.HasPrefix(string(c), "SEG301")
}

// Page explains one code. pages/README.md shows the form of its file.
type Page struct {
	Code  Code
	Title string
	// Body is markdown: what the code means and why it is so.
	Body string
	// Fails are the files of an example that gives the code, or console
	// transcripts where the cause lies in data or the environment.
	Fails []FileBlock
	// Fixed is the example put right.
	Fixed []FileBlock
	// Vietnamese is the title and body in Vietnamese, when somebody wrote it.
	Vietnamese *Translation
	// Text is the whole page, markdown.
	Text string
}

// Translation is a title and a body (markdown, may be empty).
type Translation struct {
	Title, Body string
}

// FileBlock is one fenced block of a page.
type FileBlock struct {
	Lang string // segql, yaml, csv, …; console for a transcript
	Name string // path inside the example's project; "" for a transcript
	Text string
	Line int // of the page, where Text begins
}

// IsConsole reports whether the block is a transcript and not a file.
func (b FileBlock) IsConsole() bool { return b.Lang == "console" }

// Files are the files of an example by name, without its transcripts: a
// project that can be checked.
func Files(blocks []FileBlock) map[string]string {
	files := map[string]string{}
	for _, b := range blocks {
		if !b.IsConsole() {
			files[b.Name] = b.Text
		}
	}
	return files
}

var (
	titleLine  = regexp.MustCompile(`^# (SEG[0-4][0-9]{3}): (\S.*)$`)
	fenceStart = regexp.MustCompile(`^~~~([a-z]+)(?: (\S+))?$`)
	fenceEnd   = "~~~"
)

// Sections of a page.
const (
	sectionBody       = ""
	sectionFails      = "Fails"
	sectionFixed      = "Fixed"
	sectionVietnamese = "Tiếng Việt"
)

// parsePage reads a page. The file's name says which code it must be about.
func parsePage(name, text string) (Page, error) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	first, rest, _ := strings.Cut(text, "\n")
	title := titleLine.FindStringSubmatch(first)
	if title == nil {
		return Page{}, fmt.Errorf("%s:1: the first line must be \"# SEGnnnn: title\"", name)
	}
	if title[1]+".md" != name {
		return Page{}, fmt.Errorf("%s:1: the title is about %s", name, title[1])
	}
	prose, blocks, err := sections(name, rest)
	if err != nil {
		return Page{}, err
	}
	p := Page{
		Code:  Code(title[1]),
		Title: title[2],
		Body:  prose[sectionBody],
		Fails: blocks[sectionFails],
		Fixed: blocks[sectionFixed],
		Text:  text,
	}
	if vi, ok := prose[sectionVietnamese]; ok {
		title, body, _ := strings.Cut(vi, "\n\n")
		p.Vietnamese = &Translation{strings.ReplaceAll(title, "\n", " "), strings.TrimSpace(body)}
	}
	return p, p.complete(name)
}

// sections splits what follows the title into the prose and the file blocks
// of each section. Blocks of the body and of the translation are prose.
func sections(name, text string) (prose map[string]string, blocks map[string][]FileBlock, err error) {
	prose, blocks = map[string]string{sectionBody: ""}, map[string][]FileBlock{}
	section, number := sectionBody, 1
	var open *FileBlock // the block being read
	for line := range strings.Lines(text) {
		number++
		bare := strings.TrimRight(line, " \n")
		heading, isHeading := strings.CutPrefix(bare, "## ")
		fence := fenceStart.FindStringSubmatch(bare)
		examples := section == sectionFails || section == sectionFixed
		switch {
		case open != nil && bare == fenceEnd:
			blocks[section] = append(blocks[section], *open)
			open = nil
		case open != nil:
			open.Text += line
		case examples && fence != nil:
			open = &FileBlock{Lang: fence[1], Name: fence[2], Line: number + 1}
		case examples && strings.HasPrefix(bare, "~~~"):
			return nil, nil, fmt.Errorf("%s:%d: a file begins with ~~~LANGUAGE NAME", name, number)
		case isHeading:
			if _, twice := prose[heading]; twice {
				return nil, nil, fmt.Errorf("%s:%d: a second section %q", name, number, heading)
			}
			if heading != sectionFails && heading != sectionFixed && heading != sectionVietnamese {
				return nil, nil, fmt.Errorf("%s:%d: unknown section %q", name, number, heading)
			}
			section, prose[heading] = heading, ""
		default:
			prose[section] += line
		}
	}
	if open != nil {
		return nil, nil, fmt.Errorf("%s:%d: the block is not closed", name, open.Line-1)
	}
	for section, text := range prose {
		prose[section] = strings.TrimSpace(text)
	}
	return prose, blocks, nil
}

// complete checks what every page must have.
func (p Page) complete(name string) error {
	switch {
	case p.Body == "":
		return fmt.Errorf("%s: nothing between the title and the first section", name)
	case len(p.Fails) == 0:
		return fmt.Errorf("%s: no example under ## Fails", name)
	case len(p.Fixed) == 0:
		return fmt.Errorf("%s: no example under ## Fixed", name)
	case p.Vietnamese != nil && p.Vietnamese.Title == "":
		return fmt.Errorf("%s: nothing under ## Tiếng Việt", name)
	}
	// Data and environment only exist at run time, so only there a
	// transcript can stand for files.
	atRunTime := p.Code.AtRunTime()
	for _, blocks := range [][]FileBlock{p.Fails, p.Fixed} {
		seen := map[string]bool{}
		for _, b := range blocks {
			switch {
			case b.IsConsole() && !atRunTime:
				return fmt.Errorf("%s:%d: only SEG4xxx pages show transcripts", name, b.Line)
			case b.IsConsole():
			case b.Name == "":
				return fmt.Errorf("%s:%d: the file has no name", name, b.Line)
			case seen[b.Name]:
				return fmt.Errorf("%s:%d: a second file %q in one example", name, b.Line, b.Name)
			}
			seen[b.Name] = true
		}
	}
	return nil
}
