-- What PostgreSQL needs in its own words: many processes claim side by side, each under a lease and with a fence.

-- name: enter_lanes
with entered as (insert into batch (id) values (:batch))
select pg_advisory_xact_lock(lane) from unnest(cast(:lanes as bigint[])) as lane

-- name: lock_lanes
select pg_advisory_xact_lock(lane) from unnest(cast(:lanes as bigint[])) as lane

-- name: was_committed
select 1 as committed from batch where id = :batch

-- name: forget_batches
delete from batch where at < now() - interval '1 hour'

-- name: notify
select pg_notify('botkit', :me)

-- name: claim
update conversation set
    claimed = 1, fence = fence + 1, attempts = attempts + 1, leased_until = now() + cast(:lease as interval)
where id in (
    select id from conversation
    where ready_at is not null and ready_at <= :now and (claimed = 0 or leased_until < now())
    order by ready_at, id limit :limit
    for no key update skip locked
)
returning id, bot, channel, contact, state, fence, arrived, attempts, replans, owner, owner_epoch, ready_at as rank

-- name: addressees
select conversation.id as conversation, conversation.bot, conversation.owner_epoch, contact.*,
    exists (
        select 1 from outbox where outbox.conversation = conversation.id and is_open = 1 and status = 'sending'
    ) as is_sending,
    exists (select 1 from outbox where outbox.conversation = conversation.id and status = 'held') as has_held
from json_array_elements_text(cast(:ids as json)) as wanted (id)
join conversation on conversation.id = cast(wanted.id as bigint)
join contact on contact.channel = conversation.channel and contact.id = conversation.contact

-- name: waiting_events
select inbox.conversation, seq, message, body, received_at, exists (
    select 1 from outbox where outbox.conversation = inbox.conversation
        and (outbox.message_id = inbox.message or outbox.provider_id = inbox.message)
) as is_ours
from json_array_elements_text(cast(:ids as json)) as wanted (id)
join inbox on inbox.conversation = cast(wanted.id as bigint) and turn is null
order by ordered_at, seq

-- name: latest_lines
select cast(wanted.id as bigint) as conversation, (
    select cast(json_agg(json_build_array(who, text, at) order by seq desc) as text) from (
        select * from line where line.conversation = cast(wanted.id as bigint) order by seq desc limit :limit
    ) as latest
) as lines
from json_array_elements_text(cast(:ids as json)) as wanted (id)

-- name: settle
update conversation set
    state = coalesce(:state, state), claimed = 0, attempts = 0, replans = 0, not_before = null,
    pending = pending - :answered, first_at = null, ready_at = null
where id = :conversation and claimed = 1 and fence = :fence and (arrived = :arrived or :frozen = 1)
returning pending, owner_epoch,
    exists (select 1 from outbox where conversation = :conversation and is_open = 1) as is_queuing

-- name: send_off
insert into outbox (
    conversation, turn, saying, said_at, open_since, due_at, status, claimed, fence, attempts, attempted_at,
    form, path, body, epoch, leased_until
)
values (:conversation, :turn, :saying, :at, :at, :at, 'sending', 1, 1, 1, :at, 1, :path, :body, :epoch,
    (select leased_until from conversation where id = :conversation))
returning seq

-- name: freeze
update outbox set
    status = 'sending', attempted_at = :at, attempts = case when form = :form then attempts else 1 end,
    form = :form, path = :path, body = :body, template = :template, holds = :holds, refused = :refused
where seq = :row and fence = :fence and claimed = 1 and (
    epoch is null or epoch >= (select owner_epoch from conversation where conversation.id = outbox.conversation)
)
returning seq

-- name: sent
update outbox set
    status = 'sent', is_open = 0, claimed = 0, due_at = null, settled_at = :at, reason = '',
    message_id = :message_id, provider_id = :provider_id, receipt = :receipt
where seq = :row
returning
    exists (
        select 1 from inbox where (inbox.message = :message_id or inbox.message = :provider_id) and inbox.turn = 0
    ) as is_told_of,
    exists (
        select 1 from outbox as other
        where other.conversation = outbox.conversation and other.is_open = 1 and other.seq <> :row
    ) as has_followers

-- name: claim_postings
update outbox set
    claimed = 1, fence = fence + 1, attempts = attempts + 1, leased_until = now() + cast(:lease as interval)
where seq in (
    select seq from outbox as head
    where is_open = 1 and due_at <= :now and (claimed = 0 or leased_until < now()) and not exists (
        select 1 from outbox as earlier
        where earlier.conversation = head.conversation and earlier.is_open = 1 and earlier.seq < head.seq
    )
    order by seq limit :limit
    for no key update skip locked
)
returning seq, seq as rank, conversation, saying, form, path, body, template, holds, refused, attempts, attempted_at,
    said_at, open_since, fence, epoch, due_at, reason

-- name: renew_claims
update conversation set leased_until = now() + cast(:lease as interval)
from unnest(cast(:ids as bigint[]), cast(:fences as bigint[])) as held (id, fence)
where conversation.id = held.id and conversation.fence = held.fence and conversation.claimed = 1
    and conversation.id in (
        select id from conversation where id = any(cast(:ids as bigint[])) for no key update skip locked
    )

-- name: renew_postings
update outbox set leased_until = now() + cast(:lease as interval)
from unnest(cast(:rows as bigint[]), cast(:fences as bigint[])) as held (seq, fence)
where outbox.seq = held.seq and outbox.fence = held.fence and outbox.claimed = 1
    and outbox.seq in (select seq from outbox where seq = any(cast(:rows as bigint[])) for no key update skip locked)

-- name: fences
select id, fence from conversation where id = any(cast(:ids as bigint[]))

-- name: be_seen
insert into process (id) values (:me) on conflict (id) do update set seen_at = now()

-- name: be_gone
delete from process where id = :me

-- name: forget_unseen
delete from process where seen_at < now() - cast(:lease as interval)

-- name: peers
select count(*) as number from process
