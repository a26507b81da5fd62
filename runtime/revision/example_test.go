package revision_test

import (
	"context"
	"fmt"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/diff"
	"github.com/segql/segql/runtime/revision"
)

// Compare a project as it was at a tag with what it is at the last commit.
func Example() {
	ctx := context.Background()
	before, err := revision.Open(ctx, "shop", "v1.0")
	if err != nil {
		fmt.Println(err)
		return
	}
	after, err := revision.Open(ctx, "shop", "HEAD")
	if err != nil {
		fmt.Println(err)
		return
	}
	old, _ := diff.Read(before, compiler.Options{})
	fresh, _ := diff.Read(after, compiler.Options{})
	for _, c := range diff.Compare(old, fresh).Changes {
		fmt.Println(c.Name, c.Kind)
	}
}
