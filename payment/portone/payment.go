package portone

import "time"

// Status is where a payment stands at the gateway.
type Status string

// The statuses of a payment.
const (
	StatusReady                Status = "READY"
	StatusPayPending           Status = "PAY_PENDING"
	StatusVirtualAccountIssued Status = "VIRTUAL_ACCOUNT_ISSUED"
	StatusPaid                 Status = "PAID"
	StatusFailed               Status = "FAILED"
	StatusPartialCancelled     Status = "PARTIAL_CANCELLED"
	StatusCancelled            Status = "CANCELLED"
)

// ChannelType tells real money from play money.
type ChannelType string

// The types of a channel.
const (
	ChannelLive ChannelType = "LIVE"
	ChannelTest ChannelType = "TEST"
)

// Payment is what the gateway says of one payment.
type Payment struct {
	Status          Status         `json:"status"`
	ID              string         `json:"id"`
	TransactionID   string         `json:"transactionId"`
	MerchantID      string         `json:"merchantId"`
	StoreID         string         `json:"storeId"`
	Method          *Method        `json:"method,omitempty"`
	Channel         Channel        `json:"channel"`
	Version         string         `json:"version"`
	RequestedAt     time.Time      `json:"requestedAt,omitzero"`
	UpdatedAt       time.Time      `json:"updatedAt,omitzero"`
	StatusChangedAt time.Time      `json:"statusChangedAt,omitzero"`
	OrderName       string         `json:"orderName"`
	Amount          Amount         `json:"amount"`
	Currency        string         `json:"currency"`
	Customer        Customer       `json:"customer"`
	PaidAt          time.Time      `json:"paidAt,omitzero"`
	PGTxID          string         `json:"pgTxId,omitempty"`
	Cancellations   []Cancellation `json:"cancellations,omitempty"`
	CancelledAt     time.Time      `json:"cancelledAt,omitzero"`
	FailedAt        time.Time      `json:"failedAt,omitzero"`
	Failure         *Failure       `json:"failure,omitempty"`
}

// Cancellable is the amount that can still be given back, in the payment's currency.
func (p Payment) Cancellable() int64 {
	if p.Status != StatusPaid && p.Status != StatusPartialCancelled {
		return 0
	}
	return p.Amount.Total - p.Amount.Cancelled
}

// Amount holds the sums of a payment.
type Amount struct {
	Total            int64 `json:"total"`
	TaxFree          int64 `json:"taxFree"`
	VAT              int64 `json:"vat"`
	Supply           int64 `json:"supply"`
	Discount         int64 `json:"discount"`
	Paid             int64 `json:"paid"`
	Cancelled        int64 `json:"cancelled"`
	CancelledTaxFree int64 `json:"cancelledTaxFree"`
}

// Channel is the way into the card company's or bank's system that was used.
type Channel struct {
	Type         ChannelType `json:"type"`
	ID           string      `json:"id,omitempty"`
	Key          string      `json:"key,omitempty"`
	Name         string      `json:"name,omitempty"`
	PGProvider   string      `json:"pgProvider"`
	PGMerchantID string      `json:"pgMerchantId"`
}

// Method is how the customer paid. Type is PaymentMethodCard,
// PaymentMethodEasyPay, PaymentMethodTransfer, ….
type Method struct {
	Type        string       `json:"type"`
	Provider    string       `json:"provider,omitempty"`
	Installment *Installment `json:"installment,omitempty"`
}

// Installment is over how many months a card payment is spread; 0 is at once.
type Installment struct {
	Month          int  `json:"month"`
	IsInterestFree bool `json:"isInterestFree"`
}

// Customer is who paid, as far as the request said.
type Customer struct {
	Name string `json:"name,omitempty"`
}

// Failure is why a payment failed.
type Failure struct {
	Reason    string `json:"reason,omitempty"`
	PGCode    string `json:"pgCode,omitempty"`
	PGMessage string `json:"pgMessage,omitempty"`
}

// CancellationStatus is where a cancellation stands. Only CancellationSucceeded
// means that money goes back.
type CancellationStatus string

// The statuses of a cancellation.
const (
	CancellationRequested CancellationStatus = "REQUESTED"
	CancellationSucceeded CancellationStatus = "SUCCEEDED"
	CancellationFailed    CancellationStatus = "FAILED"
)

// Cancellation is one whole or partial cancellation of a payment.
type Cancellation struct {
	Status           CancellationStatus `json:"status"`
	ID               string             `json:"id"`
	PGCancellationID string             `json:"pgCancellationId,omitempty"`
	TotalAmount      int64              `json:"totalAmount"`
	TaxFreeAmount    int64              `json:"taxFreeAmount"`
	VATAmount        int64              `json:"vatAmount"`
	Reason           string             `json:"reason"`
	RequestedAt      time.Time          `json:"requestedAt,omitzero"`
	CancelledAt      time.Time          `json:"cancelledAt,omitzero"`
}
