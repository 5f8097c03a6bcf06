package handlers

import (
	"errors"
	"io"
	"net/http"

	"pigonair/payment"
	"pigonair/payment/portone"
	"pigonair/views/bookings"
	"pigonair/views/layout"
	"pigonair/views/texts"
)

// paymentReturn is GET /payments/{id}/return: what the browser brings back from the gateway. It may come twice,
// late, or in a browser without our session; it believes only the gateway and shows nothing to a stranger.
func (s *site) paymentReturn(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	outcome, err := s.Payment.Return(ctx, r.PathValue("id"), portone.ParseReturn(r.URL.Query()))
	if err != nil {
		return err
	}
	// Only now the session: while its Redis is away the payment has been worked on all the same.
	s.loadSession(s.adapt(func(s *site, w http.ResponseWriter, r *http.Request) error {
		return s.returned(w, r, outcome)
	})).ServeHTTP(w, r)
	return nil
}

// returned leads the owner to the booking and tells anybody else how it stands.
func (s *site) returned(w http.ResponseWriter, r *http.Request, outcome payment.Outcome) error {
	ctx := r.Context()
	if m := visitor(ctx); m != nil {
		if v, err := s.Booking.Get(ctx, m.ID, outcome.Ref); err == nil {
			return see(w, r, ownerPath(v.Row.Ref, outcome))
		}
	}
	return s.page(w, r, http.StatusOK, layout.Page{Title: texts.T(ctx, "pay.returned_title"), URL: "/bookings"}, bookings.Returned(string(outcome.State)))
}

func ownerPath(ref string, o payment.Outcome) string {
	if o.State == payment.Applied {
		return "/bookings/" + ref + "?paid"
	}
	return "/bookings/" + ref
}

// webhook is POST /webhooks/portone: verified, stored, answered at once, worked on later.
func (s *site) webhook(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return errTooLarge
	case err != nil:
		return errBadRequest
	}
	err = s.Payment.ReceiveWebhook(r.Context(), s.Webhooks, r.Header, body)
	switch {
	case isOne(err, portone.ErrWebhookSignature, portone.ErrWebhookTime, portone.ErrWebhookHeaders):
		return errForbidden
	case isOne(err, portone.ErrWebhookBody):
		return errBadRequest
	case err != nil:
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
