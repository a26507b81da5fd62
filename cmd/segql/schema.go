package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler/schema"
	"github.com/segql/segql/lang/diag"
)

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema " + strings.Join(schema.Kinds, "|"),
		Short: "The JSON Schema of a kind of file, for editors",
		Long: `Prints the JSON Schema (draft 2020-12) of catalog.yaml, of definitions in YAML
(*.seg.yaml) or of tests (*_test.seg.yaml). Editors use it to complete keys, to
explain them and to mark mistakes while typing. It knows the keys and the form of
their values; names, types and conditions are for ` + "`segql check`" + `.

Editors with the YAML language server find it through a comment at the top of a
file, or through a setting that names the files it is for:

    # yaml-language-server: $schema=segments.schema.json`,
		Example: `  segql schema segments > segments.schema.json
  segql schema catalog`,
		Args:      cobra.ArbitraryArgs,
		ValidArgs: schema.Kinds,
		RunE: func(_ *cobra.Command, args []string) error {
			known := strings.Join(schema.Kinds, ", ")
			if len(args) != 1 {
				return usagef("name one of "+known, "which schema?")
			}
			text, ok := schema.Print(args[0])
			if !ok {
				help := "there are " + known
				if near := diag.Suggest(args[0], schema.Kinds); near != "" {
					help = "did you mean " + near + "?"
				}
				return usagef(help, "there is no schema %s", args[0])
			}
			_, err := a.out.Write(text)
			return err
		},
	}
}
