package prove

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// Witness is one customer, with the rows around it, of whom something holds.
type Witness struct {
	AsOf   int64        // the instant, in microseconds since 1970
	Entity *ir.Relation // of the customer
	Key    value.Value  // of the customer
	Data   ir.Data      // the rows, by relation of the project given to New
}
