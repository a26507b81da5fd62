package text_test

import (
	"fmt"

	"github.com/segql/segql/compiler/text"
)

func Example() {
	fmt.Println(text.Fold("  Nguyễn Thị  ÁNH ĐÀO "))
	fmt.Println(text.FoldRegex("da nang", false).MatchString("Quận Hải Châu, Đà\u00a0Nẵng"))

	r, err := text.ParseRegex(`^0\d{9}$`, "")
	fmt.Println(r.RE2(), r.MatchString("0912345678"), err)

	_, err = text.ParseRegex(`\bvip\b`, "i")
	fmt.Println(err)
	// Output:
	// nguyen thi anh dao
	// true
	// (?:\A0(?:[0-9]){9}\z) true <nil>
	// \b is not supported: engines disagree about what a word is; spell out what may stand around it, such as (^|[^a-z])
}
