package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler/expand"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime"
)

func (a *app) expandCommand() *cobra.Command {
	var f dataFlags
	var o expand.Options
	cmd := &cobra.Command{
		Use:   "expand NAME...",
		Short: "Print what a definition stands for",
		Long: `Prints what a definition stands for as simpler definitions: an rfm as its traits
and its split, a split and a holdout as one segment for each part. What is
printed could stand in its place and would mean the same. With --deep, what a
definition refers to is put in its place too: traits, params, lists and other
segments, as far as the language has a way to write it.`,
		Example: `  segql expand value                      the traits and the split of an rfm
  segql expand lifecycle.loyal            one branch of a split
  segql expand big_spenders --deep        without traits, params, lists and segments`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: a.completeDefinitions,
		RunE: func(cmd *cobra.Command, args []string) error {
			opt, err := f.options(a.project)
			if err != nil {
				return err
			}
			opt.NoStore = true
			return a.expand(cmd.Context(), opt, args, o)
		},
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&o.Deep, "deep", false, "also unfold what the definition refers to")
	return cmd
}

func (a *app) expand(ctx context.Context, opt runtime.Options, names []string, o expand.Options) error {
	p, err := a.open(ctx, opt)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	blank := ""
	for _, name := range names {
		text, ok := expand.Text(p.Project, name, o)
		if !ok {
			return unknownDefinition(name, expand.Names(p.Project))
		}
		fmt.Fprint(a.out, blank+text)
		blank = "\n"
	}
	return nil
}

func unknownDefinition(name string, known []string) error {
	help := "`segql check` names the files that were read"
	if near := diag.Suggest(name, known); near != "" {
		help = "did you mean " + near + "?"
	}
	return usagef(help, "there is no definition %s", name)
}

// completeDefinitions offers the names of all definitions to the shell.
func (a *app) completeDefinitions(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	p := a.definitions()
	if p == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return expand.Names(p), cobra.ShellCompDirectiveNoFileComp
}
