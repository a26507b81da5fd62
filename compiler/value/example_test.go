package value_test

import (
	"fmt"

	"github.com/segql/segql/compiler/value"
)

func Example() {
	price, _ := value.Parse(value.DecimalType(10, 2), "19.90")
	total, err := value.Mul(price, value.NewInt(3))
	fmt.Println(total, err, value.Div(total, value.NewInt(4)))

	typ, _ := value.MulType(value.DecimalType(10, 2), value.Of(value.Int))
	fmt.Println(typ)

	_, ok := value.Parse(value.Of(value.Int), "13085.5")
	fmt.Println(ok, value.Div(total, value.NewInt(0)).IsMissing())
	// Output:
	// 59.70 <nil> 14.925
	// decimal(29, 2)
	// false true
}
