package catalog

import (
	"strings"
	"time"
	_ "time/tzdata" // a zone means the same on every computer, and in wasm

	"github.com/segql/segql/lang/diag"
)

// zone loads a time zone by its name. Where there is none, suggestion is the
// name that was probably meant, or "".
func zone(name string) (loc *time.Location, suggestion string) {
	// "" and Local are no zones: they depend on the computer.
	if name != "" && !strings.EqualFold(name, "local") {
		if loc, err := time.LoadLocation(name); err == nil {
			return loc, ""
		}
	}
	plain := strings.ToLower(strings.NewReplacer(" ", "_", "-", "_").Replace(name))
	if meant := zoneNicknames[plain]; meant != "" {
		return nil, meant
	}
	for _, known := range knownZones {
		lower := strings.ToLower(known)
		if lower == plain || strings.HasSuffix(lower, "/"+plain) {
			return nil, known
		}
	}
	return nil, diag.Suggest(name, knownZones)
}

// zoneNicknames are what people call a zone.
var zoneNicknames = map[string]string{
	"hanoi": "Asia/Ho_Chi_Minh", "asia/hanoi": "Asia/Ho_Chi_Minh", "asia/ha_noi": "Asia/Ho_Chi_Minh",
	"ha_noi": "Asia/Ho_Chi_Minh", "hcm": "Asia/Ho_Chi_Minh", "saigon": "Asia/Ho_Chi_Minh", "vietnam": "Asia/Ho_Chi_Minh",
	"ict": "Asia/Ho_Chi_Minh", "asia/hochiminh": "Asia/Ho_Chi_Minh", "utc+7": "Asia/Ho_Chi_Minh", "+07:00": "Asia/Ho_Chi_Minh",
	"z": "UTC", "gmt+0": "UTC", "+00:00": "UTC", "utc+0": "UTC",
	"jst": "Asia/Tokyo", "kst": "Asia/Seoul", "ist": "Asia/Kolkata", "sgt": "Asia/Singapore",
	"bst": "Europe/London", "cest": "Europe/Berlin", "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles",
	"edt": "America/New_York", "cdt": "America/Chicago", "cst": "America/Chicago", "mdt": "America/Denver",
	"san_francisco": "America/Los_Angeles", "beijing": "Asia/Shanghai", "munich": "Europe/Berlin",
	"mumbai": "Asia/Kolkata", "delhi": "Asia/Kolkata", "washington": "America/New_York",
}

// knownZones are the names offered to an author, not the ones accepted.
var knownZones = strings.Fields(`UTC
	Africa/Cairo Africa/Casablanca Africa/Johannesburg Africa/Lagos Africa/Nairobi
	America/Anchorage America/Argentina/Buenos_Aires America/Bogota America/Caracas America/Chicago America/Denver
	America/Halifax America/Lima America/Los_Angeles America/Mexico_City America/New_York America/Panama
	America/Phoenix America/Santiago America/Sao_Paulo America/St_Johns America/Toronto America/Vancouver
	Asia/Almaty Asia/Baghdad Asia/Baku Asia/Bangkok Asia/Colombo Asia/Dhaka Asia/Dubai Asia/Ho_Chi_Minh Asia/Hong_Kong
	Asia/Jakarta Asia/Jerusalem Asia/Kabul Asia/Karachi Asia/Kathmandu Asia/Kolkata Asia/Kuala_Lumpur Asia/Kuwait
	Asia/Makassar Asia/Manila Asia/Phnom_Penh Asia/Qatar Asia/Riyadh Asia/Saigon Asia/Seoul Asia/Shanghai Asia/Singapore
	Asia/Taipei Asia/Tashkent Asia/Tbilisi Asia/Tehran Asia/Tokyo Asia/Ulaanbaatar Asia/Vientiane Asia/Yangon Asia/Yerevan
	Atlantic/Azores Atlantic/Reykjavik
	Australia/Adelaide Australia/Brisbane Australia/Darwin Australia/Hobart Australia/Melbourne Australia/Perth
	Australia/Sydney
	Europe/Amsterdam Europe/Athens Europe/Belgrade Europe/Berlin Europe/Brussels Europe/Bucharest Europe/Budapest
	Europe/Copenhagen Europe/Dublin Europe/Helsinki Europe/Istanbul Europe/Kyiv Europe/Lisbon Europe/London
	Europe/Luxembourg Europe/Madrid Europe/Moscow Europe/Oslo Europe/Paris Europe/Prague Europe/Riga Europe/Rome
	Europe/Sofia Europe/Stockholm Europe/Tallinn Europe/Vienna Europe/Vilnius Europe/Warsaw Europe/Zurich
	Pacific/Auckland Pacific/Fiji Pacific/Guam Pacific/Honolulu`)
