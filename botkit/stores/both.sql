-- Statements that every database takes as they are.

-- name: make_setting
insert into setting (name, value) values (:name, :value) on conflict (name) do nothing

-- name: setting
select value from setting where name = :name

-- name: subscriptions
select body from subscription where api = :api order by channel

-- name: subscription
select body from subscription where api = :api and channel = :channel

-- name: remember_subscription
insert into subscription (api, channel, body) values (:api, :channel, :body)
on conflict (api, channel) do update set body = excluded.body

-- name: remember_version
insert into version (bot, version, files) values (:bot, :version, :files) on conflict (bot, version) do nothing

-- name: version
select files from version where bot = :bot and version = :version

-- name: conversations_of
select bot, pending, state, owner from conversation where channel = :channel and contact = :contact order by id

-- name: greet
insert into contact (channel, id, name, phone, wrote_at) values (:channel, :contact, :name, :phone, :wrote_at)
on conflict (channel, id) do update set
    name = case when excluded.name <> '' then excluded.name else contact.name end,
    phone = case when excluded.phone <> '' then excluded.phone else contact.phone end,
    wrote_at = case
        when contact.wrote_at is null or excluded.wrote_at > contact.wrote_at then excluded.wrote_at
        else contact.wrote_at
    end

-- name: how_it_stands
select id, pending, first_at, ready_at, not_before,
    exists (select 1 from inbox where key = :key) as is_known,
    exists (select 1 from timer where timer.conversation = conversation.id and unless_written = 1) as has_timers,
    exists (
        select 1 from outbox where outbox.conversation = conversation.id and is_open = 1 and status = 'sending'
    ) as is_sending,
    exists (
        select 1 from outbox
        where outbox.conversation = conversation.id and (message_id = :message or provider_id = :message)
    ) as is_ours
from (select 1 as one) as anyway
left join conversation on bot = :bot and channel = :channel and contact = :contact

-- name: begin_conversation
insert into conversation (bot, channel, contact) values (:bot, :channel, :contact) returning id

-- name: arrive
update conversation set
    arrived = arrived + 1, pending = pending + 1, first_at = :first_at, ready_at = :ready_at
where id = :conversation

-- name: put
insert into inbox (key, conversation, message, body, received_at, ordered_at, turn)
values (:key, :conversation, :message, :body, :received_at, :ordered_at, :turn)

-- name: drop_timers_unless_written
delete from timer where conversation = :conversation and unless_written = 1

-- name: drop_timer
delete from timer where conversation = :conversation and name = :name

-- name: set_timer
insert into timer (conversation, name, due_at, data, unless_written, epoch)
values (:conversation, :name, :due_at, :data, :unless_written, :epoch)

-- name: due_timers
select timer.id, timer.conversation, timer.name, timer.data, timer.epoch, bot, channel, contact from timer
join conversation on conversation.id = timer.conversation
where due_at <= :now order by due_at, timer.id limit :limit

-- name: take_timer
delete from timer where id = :timer returning id

-- name: next_timer
select min(due_at) as due_at from timer

-- name: waiting
select cast(coalesce(sum(pending), 0) as bigint) as number, min(first_at) as since from conversation where pending > 0

-- name: contact
select * from contact where channel = :channel and id = :contact

-- name: is_ours
select 1 as ours from outbox where conversation = :conversation and (message_id = :message or provider_id = :message)

-- name: sending
select saying, template from outbox where conversation = :conversation and is_open = 1 and status = 'sending'
order by seq

-- name: said_since
select text from line
where conversation = :conversation and turn > 0 and who <> 'contact' and at >= :since order by seq desc limit 20

-- name: held
select seq, saying, refused from outbox where conversation = :conversation and status = 'held' and due_at > :now
order by seq

-- name: answer
update inbox set turn = :turn where seq = :seq

-- name: go_on
update conversation set
    ready_at = :ready_at,
    first_at = (select min(received_at) from inbox where conversation = :conversation and turn is null)
where id = :conversation

-- name: release
update conversation set
    claimed = 0,
    attempts = case when :failed = 1 then attempts else attempts - 1 end,
    replans = case when :failed = 1 then replans else replans + 1 end,
    not_before = :ready_at,
    ready_at = case when ready_at > :ready_at then ready_at else :ready_at end
where id = :conversation and fence = :fence and claimed = 1

-- name: remember_contact
update contact set language = :language, muted = :muted where channel = :channel and id = :contact

-- name: add_line
insert into line (conversation, turn, who, text, at) values (:conversation, :turn, :who, :text, :at)

-- name: post
insert into outbox (conversation, turn, saying, epoch, said_at, open_since, due_at)
values (:conversation, :turn, :saying, :epoch, :at, :at, coalesce((
    select max(due_at) from outbox where conversation = :conversation and is_open = 1 and due_at > :at
), :at))

-- name: fold
update outbox set status = 'folded', due_at = null, settled_at = :at where seq = :row and status = 'held'

-- name: add_trace
insert into trace (turn, conversation, at, body) values (:turn, :conversation, :at, :body)

-- name: begin_step
insert into step (turn, name) values (:turn, :name) on conflict (turn, name) do nothing returning turn

-- name: step
select result from step where turn = :turn and name = :name

-- name: finish_step
update step set result = :result where turn = :turn and name = :name

-- name: held_by
select seq from outbox where seq = :row and fence = :fence and claimed = 1

-- name: retry
update outbox set
    status = :status, claimed = 0, due_at = :due_at, reason = :reason, refused = :refused,
    attempts = case when :counts = 1 then attempts else attempts - 1 end,
    attempted_at = :attempted_at
where seq = :row and fence = :fence and claimed = 1
returning conversation

-- name: put_off_followers
update outbox set due_at = :due_at where conversation = :conversation and is_open = 1 and seq > :row and due_at < :due_at

-- name: judge_anew
update outbox set
    path = null, body = null, template = '', holds = 0, attempted_at = null
where seq = :row

-- name: pace
update contact set paced_at = case when paced_at > :at then paced_at else :at end + :spacing
where channel = :channel and id = :contact

-- name: hold
update outbox set status = 'held', is_open = 0, claimed = 0, due_at = :expires_at, settled_at = null, reason = ''
where seq = :row and fence = :fence and claimed = 1
returning seq

-- name: know_message
update outbox set message_id = :message_id, provider_id = :provider_id, receipt = :receipt where seq = :row

-- name: announce
update contact set announced_at = :at where channel = :channel and id = :contact

-- name: reopen
update outbox set
    status = 'waiting', is_open = 1, claimed = 0, open_since = :at, due_at = :at, settled_at = null,
    reason = :reason, refused = :refused,
    path = null, body = null, template = '', holds = 0, attempts = 0, attempted_at = null
where seq = :row

-- name: expired
select seq from outbox where status = 'held' and due_at <= :now order by due_at limit :limit

-- name: expire
update outbox set status = 'withheld', due_at = null, settled_at = :at, reason = :reason
where seq = :row and status = 'held' and due_at <= :at
returning seq

-- name: withhold
update outbox set status = 'withheld', is_open = 0, claimed = 0, due_at = null, settled_at = :at, reason = :reason
where seq = :row and fence = :fence and claimed = 1

-- name: close
update outbox set status = 'withheld', is_open = 0, due_at = null, settled_at = :at, reason = :reason
where seq = :row

-- name: shelved
select seq, status from outbox where seq = :row
    and (status in ('held', 'draft') or (status = 'withheld' and reason <> :discarded))

-- name: adopt
update outbox set epoch = null where seq = :row

-- name: pass_on
update conversation set owner = :owner, owner_epoch = owner_epoch + 1, owned_at = :at where id = :conversation
returning owner_epoch

-- name: whose
select id, owner, owner_epoch from conversation where bot = :bot and channel = :channel and contact = :contact

-- name: carry
update outbox set epoch = :epoch where conversation = :conversation and is_open = 1 and epoch is not null

-- name: supersede
update outbox set status = 'superseded', is_open = 0, claimed = 0, due_at = null, settled_at = :at, reason = :reason
where conversation = :conversation and is_open = 1 and (seq = :row or (claimed = 0 and status = 'waiting'))
    and epoch < (select owner_epoch from conversation where conversation.id = :conversation)
returning seq

-- name: draft
update outbox set status = 'draft', due_at = null, settled_at = :at, reason = :reason
where conversation = :conversation and status = 'held'
    and epoch < (select owner_epoch from conversation where conversation.id = :conversation)
returning seq

-- name: in_hand
select 1 as sending from outbox where conversation = :conversation and is_open = 1 and claimed = 1 and status = 'sending'

-- name: with_team
select conversation.id as conversation, conversation.bot, conversation.owned_at, timer.due_at as until, contact.*,
    (select body from note where note.conversation = conversation.id order by note.seq desc limit 1) as note
from conversation
join contact on contact.channel = conversation.channel and contact.id = conversation.contact
left join timer on timer.conversation = conversation.id and timer.name = :handback
where conversation.owner = 'team'
order by conversation.owned_at desc limit :limit

-- name: add_note
insert into note (conversation, turn, body, made_at, due_at) values (:conversation, :turn, :body, :at, :at)

-- name: claim_notes
update note set attempts = attempts + 1, due_at = :again_at
where due_at <= :now and seq in (select seq from note where due_at <= :now order by due_at, seq limit :limit)
returning seq, conversation, body, made_at, attempts

-- name: settle_note
update note set status = :status, due_at = null, settled_at = :at, reason = :reason where seq = :row

-- name: put_off_note
update note set due_at = :due_at, reason = :reason where seq = :row and status = 'waiting'

-- name: next_note
select min(due_at) as due_at from note

-- name: notes
select note.seq, conversation.bot, note.body, note.made_at, note.status, note.reason, note.attempts, note.due_at, contact.*
from note
join conversation on conversation.id = note.conversation
join contact on contact.channel = conversation.channel and contact.id = conversation.contact
order by note.seq desc limit :limit

-- name: conversation_of_row
select conversation from outbox where seq = :row

-- name: refused_window
update contact set refused_at = case when refused_at > :at then refused_at else :at end
where channel = :channel and id = :contact

-- name: learn_phone
update contact set phone = :phone where channel = :channel and id = :contact

-- name: postings_of_message
select outbox.seq, outbox.receipt, outbox.status, outbox.template, outbox.refused, conversation.contact
from outbox join conversation on conversation.id = outbox.conversation
where conversation.channel = :channel and (outbox.message_id = :message or outbox.provider_id = :message)
order by outbox.seq

-- name: statuses_of
select body, received_at from inbox where message = :message and turn = 0 order by seq

-- name: set_receipt
update outbox set receipt = :receipt, reason = :reason where seq = :row

-- name: contacts
select conversation.bot, contact.* from contact
join conversation on conversation.channel = contact.channel and conversation.contact = contact.id
where contact.id = :id order by conversation.id + 0

-- name: posted
select outbox.seq, conversation.bot, outbox.saying, outbox.status, outbox.reason, outbox.template, outbox.receipt,
    outbox.said_at, outbox.attempts, outbox.due_at, outbox.message_id, contact.*
from outbox
join conversation on conversation.id = outbox.conversation
join contact on contact.channel = conversation.channel and contact.id = conversation.contact
where (:status = '' or outbox.status = :status)
order by outbox.seq desc limit :limit

-- name: said_in
select outbox.seq, conversation.bot, outbox.saying, outbox.status, outbox.reason, outbox.template, outbox.receipt,
    outbox.said_at, outbox.attempts, outbox.due_at, outbox.message_id, contact.*
from outbox
join conversation on conversation.id = outbox.conversation
join contact on contact.channel = conversation.channel and contact.id = conversation.contact
where outbox.turn = :turn
order by outbox.seq desc

-- name: turn_of
select turn from inbox where key = :key

-- name: turn_of_heard
select conversation, turn from inbox
where message = :message and conversation is not null and (turn is null or turn > 0)
order by seq desc limit 1

-- name: turn_numbered
select conversation, turn from inbox where seq = :turn and turn = seq

-- name: turn_of_row
select conversation, turn from outbox where seq = :row and turn is not null

-- name: turn_of_said
select conversation, turn from outbox where message_id = :message or provider_id = :message order by seq desc limit 1

-- name: events_of_turn
select seq, body, received_at from inbox where turn = :turn and turn > 0
order by ordered_at, seq

-- name: trace
select body from trace where turn = :turn

-- name: open_postings
select count(*) as number, min(open_since) as since from outbox where is_open = 1

-- name: held_postings
select count(*) as number from outbox where status = 'held'

-- name: dead_letters
select count(*) as number from outbox where status = 'withheld' and reason <> :discarded

-- name: timers
select count(*) as number from timer

-- name: forget_postings
delete from outbox where seq in (
    select seq from outbox where settled_at < :before and is_open = 0 and status <> 'held'
    order by settled_at limit :limit
)
returning seq

-- name: forget_notes
delete from note where seq in (select seq from note where settled_at < :before order by settled_at limit :limit)
returning seq

-- name: forget_lines
delete from line where seq in (select seq from line where at < :before order by at limit :limit) returning seq

-- name: forget_traces
delete from trace where turn in (select turn from trace where at < :before order by at limit :limit) returning turn

-- name: forget_steps
delete from step where turn = :turn

-- name: forget_events
delete from inbox where seq in (
    select seq from inbox where received_at < :before and turn is not null order by received_at limit :limit
)
returning seq
