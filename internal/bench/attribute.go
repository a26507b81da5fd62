package bench

import (
	"fmt"
	"math"
	"strings"
)

// Conditions on the columns of customers.

var (
	bigCities   = []string{"Hồ Chí Minh", "Hà Nội", "Đà Nẵng"}
	coastCities = []string{"Đà Nẵng", "Nha Trang", "Vũng Tàu", "Quy Nhơn", "Hạ Long"}
)

func gender(r *picker) condition {
	return equals("gender", pick(r, []string{"female", "female", "male", "other"}))
}

// equals compares a column with a text.
func equals(column, value string) condition {
	return condition{text: fmt.Sprintf("%s = %q", column, value), attr: fmt.Sprintf("c.%s = %s", column, quote(value))}
}

func age(r *picker) condition {
	bounds := pick(r, [][2]int{{18, 34}, {25, 40}, {23, 35}, {30, 55}, {18, 25}, {40, 60}, {50, 99}, {35, 45}})
	return condition{text: fmt.Sprintf("age(birthday) between %d and %d", bounds[0], bounds[1]),
		attr: fmt.Sprintf("datesub('year', c.birthday, DATE '%s') BETWEEN %d AND %d", asOf, bounds[0], bounds[1])}
}

func birthdaySoon(r *picker) condition {
	n := pick(r, []int{30, 7, 14})
	last := runDay().AddDate(0, 0, n-1)
	return condition{text: fmt.Sprintf("anniversary(birthday) in next %d days", n),
		attr: fmt.Sprintf("strftime(c.birthday, '%%m-%%d') BETWEEN '%s' AND '%s'", runDay().Format("01-02"), last.Format("01-02"))}
}

func inCities(r *picker) condition {
	if r.chance(0.35) {
		name := cities[r.low(len(cities))].name
		return equals("city", name)
	}
	named := pick(r, []struct {
		name string
		list []string
	}{{"big_cities", bigCities}, {"coast_cities", coastCities}})
	return condition{text: "city in " + named.name, attr: "c.city IN (" + strings.Trim(sqlList(named.list), "[]") + ")"}
}

func signup(r *picker) condition {
	if r.chance(0.3) {
		day := pick(r, []string{"2023-01-01", "2022-01-01", "2024-01-01"})
		return condition{text: "signup_at before " + day, attr: "c.signup_at < TIMESTAMP " + quote(day)}
	}
	n := pick(r, []int{365, 90, 30, 180, 730})
	return condition{text: fmt.Sprintf("signup_at in last %d days", n), attr: "c.signup_at >= TIMESTAMP " + quote(daysBefore(n))}
}

func income(r *picker) condition {
	least := pick(r, []int{10, 20, 30, 50, 15, 70})
	if r.chance(0.25) {
		return condition{text: fmt.Sprintf("income between %d_000_000 and %d_000_000", least, 2*least),
			attr: fmt.Sprintf("c.income BETWEEN %d000000 AND %d000000", least, 2*least)}
	}
	return condition{text: fmt.Sprintf("income >= %d_000_000", least), attr: fmt.Sprintf("c.income >= %d000000", least)}
}

func reach(r *picker) condition {
	return pick(r, []condition{
		{text: "email is known", attr: "c.email IS NOT NULL"},
		{text: "email_opt_in", attr: "c.email_opt_in"},
		{text: "sms_opt_in", attr: "c.sms_opt_in"},
		{text: "email ends with \"@gmail.com\"", attr: "c.email LIKE '%@gmail.com'"},
	})
}

func kind(r *picker) condition {
	return pick(r, []condition{
		{text: `tier in ["gold", "platinum"]`, attr: "c.tier IN ('gold', 'platinum')"},
		equals("tier", "bronze"), equals("source", "ads"), equals("device", "ios"), equals("language", "vi"), equals("source", "organic"),
		equals("device", "android"), equals("tier", "platinum"), equals("language", "en"), equals("source", "referral"),
		{text: `language != "vi"`, attr: "c.language IS DISTINCT FROM 'vi'"},
	})
}

func family(r *picker) condition {
	return pick(r, []condition{
		{text: "children >= 1", attr: "c.children >= 1"},
		{text: "married", attr: "c.married"},
		{text: "children = 0", attr: "c.children = 0"},
		{text: "children is missing", attr: "c.children IS NULL"},
		{text: "children >= 2", attr: "c.children >= 2"},
	})
}

// earth is the radius the language's distances are on, in kilometres.
const earth = 6371.0088

// near is distance: a box first, which most of the customers are outside of.
func near(r *picker) condition {
	at, km := cities[r.low(8)], pick(r, []float64{10, 15, 20, 5})
	lat := km / earth * 180 / math.Pi * 1.001
	lon := lat / math.Cos((math.Abs(at.lat)+lat)*math.Pi/180)
	return condition{text: fmt.Sprintf("location within %g km of point(%g, %g)", km, at.lat, at.lon),
		attr: fmt.Sprintf("c.lat BETWEEN %.6f AND %.6f AND c.lon BETWEEN %.6f AND %.6f AND "+
			"%.4f * 2 * asin(sqrt(pow(sin(radians(c.lat - %g) / 2), 2) + cos(radians(%g)) * cos(radians(c.lat)) * pow(sin(radians(c.lon - %g) / 2), 2))) <= %g",
			at.lat-lat, at.lat+lat, at.lon-lon, at.lon+lon, earth, at.lat, at.lat, at.lon, km)}
}
