-- name: take_over_conversations
update conversation set claimed = 0 where claimed = 1

-- name: take_over_postings
update outbox set claimed = 0 where claimed = 1

-- name: make_setting
insert into setting (name, value) values (:name, :value) on conflict do nothing

-- name: setting
select value from setting where name = :name

-- name: subscriptions
select body from subscription where api = :api

-- name: remember_subscription
insert into subscription (api, channel, body) values (:api, :channel, :body)
on conflict (api, channel) do update set body = excluded.body

-- name: is_known
select 1 from inbox where key = :key

-- name: greet
insert into contact (channel, id, name, phone, wrote_at) values (:channel, :contact, :name, :phone, :wrote_at)
on conflict (channel, id) do update set
    name = case when excluded.name <> '' then excluded.name else name end,
    phone = case when excluded.phone <> '' then excluded.phone else phone end,
    wrote_at = coalesce(max(wrote_at, excluded.wrote_at), wrote_at, excluded.wrote_at)

-- name: arrive
insert into conversation (bot, channel, contact, arrived, pending, ready_at)
values (:bot, :channel, :contact, 1, 1, :now)
on conflict (bot, channel, contact) do update set
    arrived = arrived + 1,
    pending = pending + 1,
    ready_at = coalesce(ready_at, excluded.ready_at)
returning id

-- name: conversation
select id from conversation where bot = :bot and channel = :channel and contact = :contact

-- name: put
insert into inbox (key, conversation, body, received_at, turn) values (:key, :conversation, :body, :now, :turn)

-- name: waiting
select coalesce(sum(pending), 0) from conversation where ready_at is not null

-- name: claim
update conversation set claimed = 1, fence = fence + 1, attempts = attempts + 1
where id in (
    select id from conversation where claimed = 0 and ready_at is not null and ready_at <= :now
    order by ready_at limit :limit
)
returning id, bot, channel, contact, state, fence, arrived, attempts

-- name: contact
select * from contact where channel = :channel and id = :contact

-- name: waiting_events
select seq, body from inbox where conversation = :conversation and turn is null order by seq

-- name: latest_lines
select who, text, at from line where conversation = :conversation order by seq desc limit :limit

-- name: claimed
select fence, arrived, channel, contact from conversation where id = :conversation and claimed = 1

-- name: answer
update inbox set turn = :turn where seq = :seq

-- name: settle
update conversation set
    state = coalesce(:state, state),
    claimed = 0,
    attempts = 0,
    pending = pending - :answered,
    ready_at = case when pending > :answered then :at end
where id = :conversation

-- name: release
update conversation set claimed = 0, ready_at = :ready_at
where id = :conversation and fence = :fence and claimed = 1

-- name: remember_contact
update contact set language = :language, muted = :muted where channel = :channel and id = :contact

-- name: add_line
insert into line (conversation, turn, who, text, at) values (:conversation, :turn, :who, :text, :at)

-- name: post
insert into outbox (conversation, turn, saying, said_at, due_at) values (:conversation, :turn, :saying, :at, :at)

-- name: add_trace
insert into trace (turn, conversation, at, body) values (:turn, :conversation, :at, :body)

-- name: begin_step
insert into step (turn, name) values (:turn, :name) on conflict do nothing

-- name: step
select result from step where turn = :turn and name = :name

-- name: finish_step
update step set result = :result where turn = :turn and name = :name

-- name: claim_postings
update outbox set claimed = 1, attempts = attempts + 1
where seq in (
    select seq from outbox as head
    where is_open = 1 and claimed = 0 and due_at <= :now and not exists (
        select 1 from outbox as earlier
        where earlier.conversation = head.conversation and earlier.is_open = 1 and earlier.seq < head.seq
    )
    order by seq limit :limit
)
returning seq, conversation, saying, form, path, body, template, attempts

-- name: addressee
select conversation.bot, contact.* from conversation
join contact on contact.channel = conversation.channel and contact.id = conversation.contact
where conversation.id = :conversation

-- name: freeze
update outbox set status = 'sending', form = :form, path = :path, body = :body, template = :template where seq = :row

-- name: retry
update outbox set claimed = 0, due_at = :due_at, reason = :reason where seq = :row

-- name: sent
update outbox set status = 'sent', is_open = 0, claimed = 0, settled_at = :at, reason = '',
    message_id = nullif(:id, ''), provider_id = nullif(:provider_id, ''), receipt = :receipt
where seq = :row

-- name: withhold
update outbox set status = 'withheld', is_open = 0, claimed = 0, settled_at = :at, reason = :reason where seq = :row

-- name: refused_window
update contact set refused_at = :at where channel = :channel and id = :contact

-- name: learn_phone
update contact set phone = :phone where channel = :channel and id = :contact

-- name: posting_of_message
select outbox.seq, outbox.receipt from outbox join conversation on conversation.id = outbox.conversation
where conversation.channel = :channel and (outbox.message_id = :message or outbox.provider_id = :message)

-- name: statuses_of
select body from inbox where key >= :prefix and key < :prefix || char(0x10ffff) order by seq

-- name: set_receipt
update outbox set receipt = :receipt, reason = :reason where seq = :row

-- name: is_ours
select 1 from outbox where conversation = :conversation and (message_id = :message or provider_id = :message)

-- name: sending
select saying from outbox where conversation = :conversation and is_open = 1 and status = 'sending'

-- name: contacts
select conversation.bot, contact.* from contact
join conversation on conversation.channel = contact.channel and conversation.contact = contact.id
where contact.id = :id order by conversation.id

-- name: posted
select outbox.seq, conversation.bot, outbox.saying, outbox.status, outbox.reason, outbox.template, outbox.receipt,
    outbox.said_at, contact.*
from outbox
join conversation on conversation.id = outbox.conversation
join contact on contact.channel = conversation.channel and contact.id = conversation.contact
where (:status = '' or outbox.status = :status) and (:turn is null or outbox.turn = :turn)
order by outbox.seq desc limit :limit

-- name: turn_of
select turn from inbox where key = :key

-- name: trace
select body from trace where turn = :turn
