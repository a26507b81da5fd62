package main
import "github.com/segql/segql/compiler/plan"
func planOptions() plan.Options { return plan.Options{} }
