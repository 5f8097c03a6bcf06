package ticketing

import "time"

// AccountKind is what a mail about an account is for.
type AccountKind string

// The mails about an account.
const (
	AccountVerify  AccountKind = "verify"  // confirm the address
	AccountKnown   AccountKind = "known"   // the address has an account already
	AccountReset   AccountKind = "reset"   // choose a new password
	AccountChanged AccountKind = "changed" // the password has changed
)

// AccountRequest is what a mail about an account says.
type AccountRequest struct {
	Link  string
	Until time.Time // the link's end, in the zone to show; zero where it has none
}

// AccountMail is a mail about an account. The error is ErrWords, or that of a template.
func (d *Documents) AccountMail(lang Lang, kind AccountKind, request AccountRequest) (Mail, error) {
	v := d.voice(lang)
	l := d.letter(v)
	key := "mail." + string(kind)
	l.Subject = v.say(key+".subject", "airline", l.Airline)
	l.Heading = v.say(key + ".heading")
	l.Lead = []string{v.say(key+".lead", "until", endOf(v.lang, request.Until))}
	l.Button = letterButton{v.say(key + ".button"), request.Link}
	l.Notes = []string{v.say(key + ".note")}
	return d.write(l, v)
}

// endOf writes the end of a link's life; readers in English may be in another zone.
func endOf(lang Lang, until time.Time) string {
	if until.IsZero() {
		return ""
	}
	end := DayClock(lang, until)
	if lang == English {
		end += " (" + Zone(until) + ")"
	}
	return end
}

// RefundMail tells that an amount of won was given back. The error is ErrWords, or that of a template.
func (d *Documents) RefundMail(lang Lang, reference string, amount int64, links Links) (Mail, error) {
	v := d.voice(lang)
	l := d.letter(v)
	refund := Won(v.lang, amount)
	l.Subject = v.say("mail.refund.subject", "ref", reference, "refund", refund)
	l.Heading = v.say("mail.refund.heading")
	l.Lead = []string{v.say("mail.refund.lead", "refund", refund)}
	l.Button = letterButton{v.say("mail.refund.button"), links.Booking}
	return d.write(l, v)
}
