package flights

import (
	"errors"
	"fmt"
	"strconv"
)

// equipmentKind is what a sign of a line without seats stands for.
func equipmentKind(sign byte) (CellKind, bool) {
	switch sign {
	case '.':
		return CellGap, true
	case ' ':
		return CellAisle, true
	case 'G':
		return CellGalley, true
	case 'L':
		return CellLavatory, true
	case 'D':
		return CellDoor, true
	}
	return "", false
}

// equipment reads a line without seats, such as "- DL. .GD".
func (p *layoutParser) equipment(cells string) error {
	if err := p.fits(cells); err != nil {
		return err
	}
	row := Row{}
	for i := range len(cells) {
		kind, ok := equipmentKind(cells[i])
		if !ok {
			return fmt.Errorf("%q: want G for a galley, L for a lavatory, D for a door or . for nothing", cells[i])
		}
		row.Cells = append(row.Cells, Cell{Kind: kind})
	}
	p.cabin.Rows = append(p.cabin.Rows, row)
	p.lines++
	return nil
}

// rows reads a line of seats, such as "17-32 sss sss"; numbers holds what rowNumbers has matched.
func (p *layoutParser) rows(numbers []string, cells string) error {
	if err := p.fits(cells); err != nil {
		return err
	}
	first, last, err := rowRange(numbers)
	if err != nil {
		return err
	}
	for n := first; n <= last; n++ {
		if err := p.row(n, cells); err != nil {
			return fmt.Errorf("row %d: %w", n, err)
		}
	}
	return nil
}

func rowRange(numbers []string) (first, last int, err error) {
	if first, err = strconv.Atoi(numbers[1]); err != nil {
		return 0, 0, err
	}
	if numbers[2] == "" {
		return first, first, nil
	}
	if last, err = strconv.Atoi(numbers[2]); err != nil {
		return 0, 0, err
	}
	if last < first {
		return 0, 0, errors.New("rows run backwards")
	}
	return first, last, nil
}

func (p *layoutParser) row(number int, cells string) error {
	if number <= p.lastRow() {
		return fmt.Errorf("it comes after row %d", p.lastRow())
	}
	row := Row{Number: number}
	for i := range len(cells) {
		cell, err := p.cell(number, i, cells[i])
		if err != nil {
			return err
		}
		row.Cells = append(row.Cells, cell)
		if cell.Kind == CellSeat {
			row.Exit = row.Exit || cell.Seat.Exit
			p.layout.index[cell.Seat.No] = len(p.layout.seats)
			p.layout.seats = append(p.layout.seats, cell.Seat)
			p.layout.counts[cell.Seat.Cabin]++
		}
	}
	p.cabin.Rows = append(p.cabin.Rows, row)
	p.lines++
	return nil
}

// lastRow is the number of the last row of seats so far; numbers grow from front to back through all
// cabins.
func (p *layoutParser) lastRow() int {
	if len(p.layout.seats) == 0 {
		return 0
	}
	return p.layout.seats[len(p.layout.seats)-1].Row
}

func (p *layoutParser) cell(row, column int, sign byte) (Cell, error) {
	switch sign {
	case ' ':
		return Cell{Kind: CellAisle}, nil
	case '.':
		return Cell{Kind: CellGap}, nil
	}
	g, ok := p.gradeOf(sign)
	if !ok {
		return Cell{}, fmt.Errorf("no grade has the symbol %q", sign)
	}
	letter := string(p.columns[column])
	return Cell{Kind: CellSeat, Seat: Seat{
		No:         strconv.Itoa(row) + letter,
		Row:        row,
		Letter:     letter,
		Cabin:      p.cabin.Cabin,
		Grade:      g.Name,
		Window:     column == 0 || column == len(p.columns)-1,
		Aisle:      p.aisleAt(column-1) || p.aisleAt(column+1),
		Exit:       g.Exit,
		Blocked:    g.Blocked,
		PriceAddOn: g.PriceAddOn,
		line:       p.lines,
		column:     column,
	}}, nil
}

func (p *layoutParser) aisleAt(column int) bool {
	return column >= 0 && column < len(p.columns) && p.columns[column] == ' '
}
