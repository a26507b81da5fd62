package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/segql/segql/runtime/member"
)

func (a *app) membersCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "members SEGMENT",
		Short: "List who is in a segment",
		Long: `Prints the keys of the members that the last run found, one a line, in the order
of their bytes.`,
		Example: `  segql members big_spenders
  segql members lifecycle.loyal --project examples/online-shop | wc -l`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeSegments,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.members(cmd.Context(), args[0]) },
	}
}

func (a *app) members(ctx context.Context, segment string) error {
	store, err := member.OpenFile(ctx, a.storePath(), member.Read, version())
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	if segment, err = a.storedSegment(ctx, store, segment); err != nil {
		return err
	}
	tidy := isTerminal(terminalOf(a))
	return store.Members(ctx, segment, func(m member.Member) error {
		if tidy {
			m.Customer = clean(m.Customer)
		}
		_, err := fmt.Fprintln(a.out, m.Customer)
		return err
	})
}
