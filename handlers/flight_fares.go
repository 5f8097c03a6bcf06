package handlers

import (
	"context"
	"time"

	"pigonair/flights"
	"pigonair/sales"
	"pigonair/views/search"
	"pigonair/views/texts"
)

// fareMaker makes the fares of one flight as pages show them.
type fareMaker struct {
	ctx    context.Context
	table  *sales.PriceTable
	flight flights.Flight
	party  sales.Party
	now    time.Time
}

// fare is one fare. Errors: sales.ErrNoPrice.
func (m fareMaker) fare(o flights.FareOffer) (search.Fare, error) {
	product, err := m.table.Product(o.Code)
	if err != nil {
		return search.Fare{}, err
	}
	quote, err := m.table.Quote(saleLeg(m.flight), o.Code, o.Base, m.party, m.now, nil)
	if err != nil {
		return search.Fare{}, err
	}
	fees, err := m.fees(o)
	if err != nil {
		return search.Fare{}, err
	}
	v := partyQuery(m.party)
	v.Set("fare", o.Code)
	return search.Fare{
		Code: o.Code, Name: product.Name(texts.Lang(m.ctx)), Kind: fareKind(o.Code), Rules: product.Rules(texts.Lang(m.ctx)),
		BaggageKg: product.BaggageKg, Changeable: product.Changeable, Fees: fees, Price: o.Total(), Lines: fareLines(m.ctx, o),
		PartyTotal: quote.Total, Left: left(o.Places), Enough: o.Places >= m.party.Seats(),
		SeatsURL: withQuery("/flights/"+m.flight.PublicID().String()+"/seats", v),
	}, nil
}

// fees sums up what cancelling an adult's ticket bought now would cost until departure.
func (m fareMaker) fees(o flights.FareOffer) (search.Fees, error) {
	steps, err := m.table.FeeSteps(o.Code, m.flight.International, sales.Adult, o.Base, m.now, m.flight.Departs)
	if err != nil {
		return search.Fees{}, err
	}
	var fees search.Fees
	begins := m.now
	for _, step := range steps {
		switch {
		case !begins.Before(m.flight.Departs): // what not turning up costs
		case step.Fee == 0 && fees.Most == 0:
			fees.FreeUntil = step.Until.In(korea)
		case fees.Most == 0:
			fees.Least, fees.Most = step.Fee, step.Fee
		default:
			fees.Least, fees.Most = min(fees.Least, step.Fee), max(fees.Most, step.Fee)
		}
		begins = step.Until
	}
	return fees, nil
}
