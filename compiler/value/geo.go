package value

import "math"

// EarthRadiusKM is the mean radius of the Earth, (2a + b) / 3 of WGS 84.
const EarthRadiusKM = 6371.0088

// DistanceKM is the great-circle distance of two known places in kilometres by
// the haversine formula (R. W. Sinnott, "Virtues of the Haversine", 1984):
//
//	2 r asin(min(1, sqrt(sin²(Δφ/2) + cos φ1 cos φ2 sin²(Δλ/2))))
//
// with φ, λ in radians as degrees × π/180. Engines' sines differ in the last
// bits, so only within a millimetre of an edge may memberships differ.
func DistanceKM(a, b Value) float64 {
	const radian = math.Pi / 180
	north := math.Sin((b.F - a.F) * radian / 2)
	east := math.Sin((b.F2 - a.F2) * radian / 2)
	h := north*north + math.Cos(a.F*radian)*math.Cos(b.F*radian)*east*east
	return 2 * EarthRadiusKM * math.Asin(math.Min(1, math.Sqrt(h)))
}
