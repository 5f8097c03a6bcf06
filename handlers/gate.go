package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"pigonair/flights"
)

// requirePass stands before every handler that may acquire a seat. Where the request names a flight of a sale, the
// sale's pass is asked for before anything else about the seat is looked at, and without it the whole request is
// refused: nothing is smuggled in beside an ordinary flight.
func (s *site) requirePass(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ids, err := flightsNamed(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		for _, id := range ids {
			slug, err := s.missingPass(r, id)
			if err != nil {
				s.fail(w, r, err)
				return
			}
			if slug != "" {
				http.Redirect(w, r, "/sales/"+url.PathEscape(slug), http.StatusSeeOther)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// missingPass is the slug of the sale whose pass this request lacks for a flight, or empty. Errors:
// flights.ErrNotFound, so that no name of a flight but its own leads past the gate.
func (s *site) missingPass(r *http.Request, id flights.PublicID) (string, error) {
	sale, slug, err := s.Flights.SaleOf(r.Context(), id)
	if err != nil || sale == 0 {
		return "", err
	}
	return s.passMissing(r, sale, slug)
}

// flightsNamed lists the flights that a request is about: the one in its path, and those in its seat fields.
func flightsNamed(r *http.Request) ([]flights.PublicID, error) {
	if err := parseForm(r); err != nil {
		return nil, err
	}
	names := r.Form["seat"]
	if path := r.PathValue("flight"); path != "" {
		names = append(names, path)
	}
	var ids []flights.PublicID
	seen := map[string]bool{}
	for _, name := range names {
		name, _, _ = strings.Cut(name, ":")
		if seen[name] {
			continue
		}
		seen[name] = true
		id, err := flights.ParsePublicID(name)
		if err != nil {
			return nil, errNotFound
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// parseForm reads a form of bounded size. Errors: errTooLarge, errBadRequest.
func parseForm(r *http.Request) error {
	err := r.ParseForm()
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return errTooLarge
	case err != nil:
		return errBadRequest
	}
	return nil
}
