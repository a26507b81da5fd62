package calendar_test

import (
	"fmt"

	"github.com/segql/segql/compiler/calendar"
)

func Example() {
	c, err := calendar.New("Europe/Berlin", "monday")
	if err != nil {
		fmt.Println(err)
		return
	}
	asOf, _ := c.ParseInstant("2025-03-31")
	monthAgo := c.Add(asOf, -1, calendar.Months)
	fmt.Println(calendar.FormatWall(asOf)+"Z", calendar.FormatWall(c.Wall(monthAgo)))

	birthday, _ := calendar.ParseDate("2000-02-29")
	fmt.Println(calendar.Age(birthday, c.DateOf(asOf)))
	// Output:
	// 2025-03-30T22:00:00Z 2025-02-28T00:00:00
	// 25
}
