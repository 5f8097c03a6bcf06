package handlers

import (
	"net/http"
	"strconv"

	"pigonair/booking"
	"pigonair/views/texts"
)

// ticketPDF is GET /bookings/{ref}/ticket.pdf.
func (s *site) ticketPDF(w http.ResponseWriter, r *http.Request) error {
	v, err := s.issued(r)
	if err != nil {
		return err
	}
	file, err := s.Tickets.PDF(r.Context(), texts.Lang(r.Context()), v)
	if err != nil {
		return err
	}
	return download(w, "application/pdf", "PigonAir-"+v.Row.Ref+".pdf", file)
}

// calendar is GET /bookings/{ref}/calendar.ics.
func (s *site) calendar(w http.ResponseWriter, r *http.Request) error {
	v, err := s.issued(r)
	if err != nil {
		return err
	}
	file, err := s.Tickets.Calendar(r.Context(), texts.Lang(r.Context()), v)
	if err != nil {
		return err
	}
	return download(w, "text/calendar; charset=utf-8", "PigonAir-"+v.Row.Ref+".ics", file)
}

// issued loads a booking that has a ticket: one that was confirmed, also when it was cancelled later.
func (s *site) issued(r *http.Request) (booking.View, error) {
	v, err := s.view(r)
	if err != nil {
		return v, err
	}
	if !v.Row.ConfirmedAt.Valid {
		return v, booking.ErrState
	}
	return v, nil
}

func download(w http.ResponseWriter, mediaType, name string, file []byte) error {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Content-Length", strconv.Itoa(len(file)))
	_, _ = w.Write(file) // a customer who went away is no fault of ours
	return nil
}
