package main

import "github.com/spf13/cobra"

func (a *app) explainCommand() *cobra.Command  { return &cobra.Command{Use: "explain"} }
func (a *app) changesCommand() *cobra.Command  { return &cobra.Command{Use: "changes"} }
func (a *app) compileCommand() *cobra.Command  { return &cobra.Command{Use: "compile"} }
func (a *app) segmentsCommand() *cobra.Command { return &cobra.Command{Use: "segments"} }
