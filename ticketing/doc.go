// Package ticketing makes what a traveller holds in hand: the booking reference,
// ticket numbers with their check digit, the e-ticket as PDF with a bar code that
// can be verified offline, the calendar file, and the texts of mails.
//
// It knows no database and no HTTP: callers hand over a Ticket and get bytes.
package ticketing
