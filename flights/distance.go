package flights

import "math"

// earthRadiusKm is the mean radius of the Earth (IUGG's R1).
const earthRadiusKm = 6371.0088

// greatCircleKm is the length of the shortest way along the surface of a sphere, by the haversine formula
// (R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68, 1984), which stays exact for short
// distances. Taking the Earth for a sphere costs at most about 0.5 %.
func greatCircleKm(a, b Airport) int {
	lat1, lat2 := radians(a.Latitude), radians(b.Latitude)
	h := haversine(lat2-lat1) + math.Cos(lat1)*math.Cos(lat2)*haversine(radians(b.Longitude-a.Longitude))
	return int(math.Round(2 * earthRadiusKm * math.Asin(math.Min(1, math.Sqrt(h)))))
}

func haversine(angle float64) float64 {
	s := math.Sin(angle / 2)
	return s * s
}

func radians(degrees float64) float64 { return degrees * math.Pi / 180 }
