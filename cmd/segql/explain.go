package main

import (
	"fmt"
	"strings"

	"github.com/clipperhouse/displaywidth"
	"github.com/spf13/cobra"

	"github.com/segql/segql/lang/diag"
)

func (a *app) explainCommand() *cobra.Command {
	var lang string
	cmd := &cobra.Command{
		Use:   "explain [CODE]",
		Short: "Explain the code of a diagnostic",
		Long: `Shows the page of a code: what it means, why it is so, an example that gives it
and the example put right. Without a code it lists them all.`,
		Example: `  segql explain SEG0010
  segql explain 10 --lang vi        the same, in Vietnamese where the page has it`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeCodes,
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case lang != "en" && lang != "vi":
				return usagef("write --lang en or --lang vi", "--lang %s is not known", lang)
			case len(args) == 0:
				a.listCodes(lang)
				return nil
			}
			return a.explain(args[0], lang)
		},
	}
	cmd.Flags().StringVar(&lang, "lang", "en", "language of the page: en or vi")
	completeFixed(cmd, "lang", "en", "vi")
	return cmd
}

func completeCodes(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var list []string
	for _, p := range diag.Pages() {
		list = append(list, string(p.Code)+"\t"+p.Title)
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

func (a *app) listCodes(lang string) {
	p := painter(a.colors(terminalOf(a)))
	for _, page := range diag.Pages() {
		title := page.Title
		if lang == "vi" && page.Vietnamese != nil {
			title = page.Vietnamese.Title
		}
		fmt.Fprintf(a.out, "%s  %s\n", p.paint(bold, string(page.Code)), p.inline(title))
	}
}

func (a *app) explain(code, lang string) error {
	page, ok := diag.Lookup(code)
	if !ok {
		help := "`segql explain` lists all codes"
		var near []string
		for _, p := range diag.Near(code) {
			near = append(near, string(p.Code)+" ("+p.Title+")")
		}
		if len(near) > 0 {
			help = "did you mean " + strings.Join(near, " or ") + "?"
		}
		return usagef(help, "there is no code %s", code)
	}
	words := map[string]string{"Fails": "Fails", "Fixed": "Fixed"}
	title, body := page.Title, page.Body
	if lang == "vi" && page.Vietnamese != nil {
		words = map[string]string{"Fails": "Sai", "Fixed": "Đúng"}
		title = page.Vietnamese.Title
		if page.Vietnamese.Body != "" {
			body = page.Vietnamese.Body
		}
	}
	columns := 100
	if w := width(terminalOf(a)); w > 0 {
		columns = min(w, columns)
	}
	p := painter(a.colors(terminalOf(a)))
	fmt.Fprintf(a.out, "%s  %s\n\n%s", p.paint(bold, string(page.Code)), p.paint(bold, title), p.markdown(body, columns))
	a.blocks(p, words["Fails"], red, page.Fails)
	a.blocks(p, words["Fixed"], green, page.Fixed)
	return nil
}

// blocks shows the files of an example, indented.
func (a *app) blocks(p painter, heading string, s style, blocks []diag.FileBlock) {
	if len(blocks) == 0 {
		return
	}
	fmt.Fprintf(a.out, "\n%s\n", p.paint(s, heading))
	for _, b := range blocks {
		if b.Name != "" {
			fmt.Fprintf(a.out, "\n  %s\n", p.paint(dim, b.Name))
		}
		fmt.Fprintln(a.out)
		for line := range strings.Lines(b.Text) {
			fmt.Fprintln(a.out, strings.TrimRight("    "+line, " \n"))
		}
	}
}

// markdown shows the little of it that pages use: paragraphs are filled, lists
// and blocks stay as they are.
func (on painter) markdown(text string, columns int) string {
	var b strings.Builder
	var paragraph []string
	flush := func() {
		if len(paragraph) > 0 {
			b.WriteString(on.fill(strings.Fields(strings.Join(paragraph, " ")), columns))
			paragraph = nil
		}
	}
	fenced := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \n")
		fence := strings.HasPrefix(line, "~~~") || strings.HasPrefix(line, "```")
		switch {
		case fence:
			flush()
			fenced = !fenced
		case fenced:
			b.WriteString("    " + line + "\n")
		case line == "":
			flush()
			b.WriteString("\n")
		case strings.HasPrefix(line, "- "), strings.HasPrefix(line, "|"), strings.HasPrefix(line, "  "):
			flush()
			b.WriteString(on.inline(line) + "\n")
		default:
			paragraph = append(paragraph, line)
		}
	}
	flush()
	return b.String()
}

// fill breaks words into lines of so many columns.
func (on painter) fill(words []string, columns int) string {
	var lines []string
	line, used := "", 0
	for _, word := range words {
		w := displaywidth.String(word)
		if used > 0 && used+1+w > columns {
			lines = append(lines, line)
			line, used = "", 0
		}
		if used > 0 {
			line += " "
			used++
		}
		line += word
		used += w
	}
	return on.inline(strings.Join(append(lines, line), "\n")) + "\n"
}

// inline paints `code`.
func (on painter) inline(text string) string {
	if !on {
		return text
	}
	parts := strings.Split(text, "`")
	if len(parts)%2 == 0 {
		return text
	}
	for i := 1; i < len(parts); i += 2 {
		// A break inside must not carry the colour over the line's end.
		parts[i] = strings.ReplaceAll(on.paint(cyan, parts[i]), "\n", "\x1b[0m\n\x1b["+string(cyan)+"m")
	}
	return strings.Join(parts, "")
}
