package handlers

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"pigonair/flights"
	"pigonair/views/seats"
	"pigonair/views/texts"
)

func itoa(n int) string { return strconv.Itoa(n) }

// seatsView is the page of a seat map.
func (s *site) seatsView(ctx context.Context, c seatChoice) (seats.Page, error) {
	id := c.flight.PublicID().String()
	p := seats.Page{
		Flight: id, From: shortPlace(ctx, c.flight.From), To: shortPlace(ctx, c.flight.To), Leg: legOf(ctx, c.flight),
		Aircraft: c.flight.Layout.Aircraft, Cancelled: c.flight.Cancelled, Closed: c.closed, ListURL: listURL(c.flight, c.party),
		FlightURL: withQuery("/flights/"+id, partyQuery(c.party)), Max: c.max, Short: c.short, Key: newKey(), Later: c.later, Fares: c.fares(),
		Live: seats.Live{URL: c.path(), ETag: c.mapTag(ctx)}, Map: s.mapView(ctx, c),
	}
	if c.given {
		p.Party = &seats.Party{Adults: c.party.Adults, Children: c.party.Children, Infants: c.party.Infants}
	}
	if c.earlier != nil {
		p.Earlier = &seats.Earlier{Flight: c.earlier.Flight, Seats: c.earlier.Seats, Cost: c.earlier.Cost}
	}
	if len(c.own.Seats) > 0 {
		p.Mine = &seats.Mine{Seats: c.own.Seats, URL: "/bookings/" + c.own.Ref}
	}
	if err := c.fareView(ctx, &p); err != nil {
		return p, err
	}
	return p, c.autoView(&p)
}

// fareView tells which fare the map is for.
func (c seatChoice) fareView(ctx context.Context, p *seats.Page) error {
	if c.fare == "" {
		return nil
	}
	product, err := c.table.Product(c.fare)
	if err != nil {
		return err
	}
	p.Fare = &seats.Fare{Name: product.Name(texts.Lang(ctx)), Kind: fareKind(c.fare), Price: c.offer.Total(), Lines: fareLines(ctx, c.offer)}
	return nil
}

// autoView offers to choose for the customer, unless the choice spans two flights.
func (c seatChoice) autoView(p *seats.Page) error {
	fare, cabin, ok := c.cheapest()
	if !ok || c.later != "" || c.earlier != nil {
		return nil
	}
	quote, err := c.table.Quote(saleLeg(c.flight), fare.Code, fare.Base, c.party, c.now, nil)
	if err != nil {
		return err
	}
	p.Auto = &seats.Auto{Cabin: string(cabin), Fare: fare.Code, Total: quote.Total, Key: newKey(),
		Party: seats.Party{Adults: c.party.Adults, Children: c.party.Children, Infants: c.party.Infants}}
	return nil
}

// mapView lays the states of the map over the plans of its cabins.
func (s *site) mapView(ctx context.Context, c seatChoice) seats.Map {
	d := mapDrawer{seatChoice: c, speaker: seats.NewSpeaker(ctx), ctx: ctx}
	var m seats.Map
	for _, plan := range c.flight.Layout.Cabins {
		if slices.Contains(c.cabins(), plan.Cabin) {
			m.Cabins = append(m.Cabins, d.cabin(plan))
		}
	}
	return m
}

// mapDrawer draws one map.
type mapDrawer struct {
	seatChoice
	speaker *seats.Speaker
	ctx     context.Context
}

func (d mapDrawer) cabin(plan flights.CabinPlan) seats.Cabin {
	out := seats.Cabin{Name: cabinName(d.ctx, plan.Cabin), Costs: d.costs[plan.Cabin]}
	aisles := 0
	for _, column := range plan.Columns {
		out.Columns = append(out.Columns, seats.Column{Letter: column.Letter})
		if column.Aisle {
			aisles++
		}
	}
	out.Wide = aisles > 1
	for _, row := range plan.Rows {
		out.Rows = append(out.Rows, d.row(row))
	}
	d.headings(plan, out.Rows)
	return out
}

// headings stand above rows where other kinds of seats begin; one kind throughout needs none.
func (d mapDrawer) headings(plan flights.CabinPlan, shown []seats.Row) {
	before, first, several := "", -1, false
	for i, row := range plan.Rows {
		if row.Number == 0 {
			continue
		}
		band := d.band(row)
		if band != before {
			shown[i].Band = band
			several = several || first >= 0
		}
		if first < 0 {
			first = i
		}
		before = band
	}
	if first >= 0 && !several {
		shown[first].Band = ""
	}
}

// band names the kinds of seats of a row with what they add.
func (d mapDrawer) band(row flights.Row) string {
	var kinds []string
	for _, cell := range row.Cells {
		if cell.Kind != flights.CellSeat || cell.Seat.Blocked {
			continue
		}
		if kind := d.speaker.Band(cell.Seat.Grade, cell.Seat.PriceAddOn); !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	return strings.Join(kinds, " / ")
}

func (d mapDrawer) row(row flights.Row) seats.Row {
	if row.Number == 0 {
		return seats.Row{Blocks: d.blocks(row)}
	}
	out := seats.Row{Number: row.Number, Exit: row.Exit}
	numbered := false
	for _, cell := range row.Cells {
		shown := seats.Cell{Kind: seats.GapCell}
		switch {
		case cell.Kind == flights.CellSeat:
			shown = seats.Cell{Kind: seats.SeatCell, Seat: d.seat(cell.Seat)}
		case cell.Kind == flights.CellAisle && !numbered:
			shown.Kind, numbered = seats.NumberCell, true
		case cell.Kind == flights.CellAisle:
			shown.Kind = seats.AisleCell
		}
		out.Cells = append(out.Cells, shown)
	}
	return out
}

func (d mapDrawer) seat(seat flights.Seat) seats.Seat {
	status, err := d.seats.Seat(seat.No)
	state := string(status.State)
	switch {
	case slices.Contains(d.own.Seats, seat.No):
		state = "yours"
	case err != nil: // not in the map that was read: nothing to sell
		state = string(flights.SeatBlocked)
	}
	facts := seats.SeatFacts{No: seat.No, Window: seat.Window, Aisle: seat.Aisle, Exit: seat.Exit, Grade: seat.Grade, AddOn: seat.PriceAddOn, State: state}
	return seats.Seat{No: seat.No, Letter: seat.Letter, State: state, AddOn: seat.PriceAddOn, Checked: slices.Contains(d.ticked, seat.No),
		Words: d.speaker.Words(facts)}
}

// blocks say what stands between rows, from the left to the right of the aisles.
func (d mapDrawer) blocks(row flights.Row) []string {
	names := map[flights.CellKind]string{flights.CellGalley: texts.T(d.ctx, "seats.galley"),
		flights.CellLavatory: texts.T(d.ctx, "seats.lavatory"), flights.CellDoor: texts.T(d.ctx, "seats.door")}
	blocks := [][]string{nil}
	for _, cell := range row.Cells {
		last := len(blocks) - 1
		if cell.Kind == flights.CellAisle {
			blocks = append(blocks, nil)
		} else if name := names[cell.Kind]; name != "" && !slices.Contains(blocks[last], name) {
			blocks[last] = append(blocks[last], name)
		}
	}
	out := make([]string, len(blocks))
	for i, words := range blocks {
		out[i] = strings.Join(words, " · ")
	}
	return out
}
