package texts

import (
	"strings"

	"golang.org/x/text/language"
)

// Match chooses the language of a page: the customer's own choice (the value
// of the language cookie) if there is one, else the first of Korean and
// English that the browser asks for. A browser that asks only for other
// languages gets English, one that says nothing Korean.
func Match(acceptLanguage, cookie string) string {
	if cookie == Korean || cookie == English {
		return cookie
	}
	if first := firstChoice(acceptLanguage); first != "" {
		return first
	}
	tags, weights, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return Korean
	}
	asked := false
	for i, tag := range tags {
		if weights[i] == 0 {
			continue
		}
		base, confidence := tag.Base()
		switch code := base.String(); {
		case code == Korean, code == English && confidence != language.No:
			return code
		case confidence == language.Exact && code != "mul": // which is how * is read
			asked = true
		}
	}
	if asked {
		return English
	}
	return Korean
}

// firstChoice answers the usual case without parsing: a header that begins with Korean or English without a weight,
// which nothing can outweigh. Otherwise it is empty.
func firstChoice(acceptLanguage string) string {
	first, _, _ := strings.Cut(acceptLanguage, ",")
	primary, region, found := strings.Cut(strings.TrimSpace(first), "-")
	if (primary != Korean && primary != English) || found && len(region) != 2 {
		return ""
	}
	return primary
}
