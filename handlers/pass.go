package handlers

import (
	"net/http"
	"strconv"
	"time"

	"pigonair/booking"
)

// passCookieName is the cookie that carries the pass of one sale.
func (s *site) passCookieName(sale int64) string {
	return s.cookieName("pass" + strconv.FormatInt(sale, 10))
}

// cookieName puts the prefix before a name that binds a cookie to this host over https.
func (s *site) cookieName(name string) string {
	if s.Site.Demo {
		return name
	}
	return "__Host-" + name
}

// setSigned stores a signed token in a cookie that no script reads; an empty value removes it.
func (s *site) setSigned(w http.ResponseWriter, name, value string, life time.Duration) {
	maxAge := int(life / time.Second)
	if value == "" {
		maxAge = -1
	}
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: !s.Site.Demo})
}

// passMissing is the slug of a sale if this request shows no valid pass for it, else empty.
func (s *site) passMissing(r *http.Request, sale int64, slug string) (string, error) {
	token := ""
	if c, err := r.Cookie(s.passCookieName(sale)); err == nil {
		token = c.Value
	}
	m := visitor(r.Context())
	if m == nil || s.Rooms.CheckPass(token, sale, m.ID) != nil {
		return slug, nil
	}
	return "", nil
}

// keepPass lengthens the pass of a sale to the life of the hold that was made with it.
func (s *site) keepPass(w http.ResponseWriter, r *http.Request, f holdForm, held booking.HoldResult) {
	if held.Repeated {
		return
	}
	for _, id := range f.flights {
		sale, _, err := s.Flights.SaleOf(r.Context(), id)
		if err != nil || sale == 0 {
			continue
		}
		name := s.passCookieName(sale)
		c, err := r.Cookie(name)
		if err != nil {
			continue
		}
		longer, err := s.Rooms.Extend(c.Value, held.Until)
		if err != nil {
			s.Log.Warn("pass not lengthened", "error", err, "request_id", requestID(r.Context()))
			continue
		}
		s.setSigned(w, name, longer, s.Rooms.PassLeft(longer))
	}
}
