package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  segql version",
		Args:    cobra.NoArgs,
		Run: func(*cobra.Command, []string) {
			fmt.Fprintf(a.out, "segql %s, DuckDB %s, %s %s/%s\n", version(), engineVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		},
	}
}

// version is what the binary was built from: a released version, or the commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		for _, s := range settings(info) {
			if s.Key == "vcs.revision" {
				return "devel-" + s.Value[:min(12, len(s.Value))]
			}
		}
		return "devel"
	}
	return info.Main.Version
}

func settings(info *debug.BuildInfo) []debug.BuildSetting {
	if info == nil {
		return nil
	}
	return info.Settings
}

// engineVersion reads DuckDB's version off its Go binding's, which spells
// 1.5.5 as v0.10505.0: the engine need not be started for it.
func engineVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, dep := range info.Deps {
		if dep.Path != "github.com/duckdb/duckdb-go-bindings" {
			continue
		}
		if parts := strings.Split(dep.Version, "."); len(parts) == 3 {
			if n, err := strconv.Atoi(parts[1]); err == nil {
				return fmt.Sprintf("%d.%d.%d", n/10000, n/100%100, n%100)
			}
		}
	}
	return "unknown"
}
