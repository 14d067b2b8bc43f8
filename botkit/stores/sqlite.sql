-- What SQLite needs in its own words: one process owns the file, so nothing is locked and no lease ends.
-- Of two statements under one name, the second tells what the first has done: `returning` doubles what it costs.

-- name: take_over_conversations
update conversation set claimed = 0 where claimed = 1

-- name: take_over_postings
update outbox set claimed = 0 where claimed = 1 and is_open = 1

-- name: claim
update conversation set claimed = 1, fence = fence + 1, attempts = attempts + 1
where id in (
    select id from conversation where claimed = 0 and ready_at is not null and ready_at <= :now
    order by ready_at, id limit :limit
)
returning id, bot, channel, contact, state, fence, arrived, attempts, replans, owner, owner_epoch, ready_at as rank

-- name: addressees
select conversation.id as conversation, conversation.bot, conversation.owner_epoch, contact.*,
    exists (
        select 1 from outbox where outbox.conversation = conversation.id and is_open = 1 and status = 'sending'
    ) as is_sending,
    exists (select 1 from outbox where outbox.conversation = conversation.id and status = 'held') as has_held
from json_each(:ids) as wanted
join conversation on conversation.id = wanted.value
join contact on contact.channel = conversation.channel and contact.id = conversation.contact

-- name: waiting_events
select inbox.conversation, seq, message, body, received_at, exists (
    select 1 from outbox where outbox.conversation = inbox.conversation
        and (outbox.message_id = inbox.message or outbox.provider_id = inbox.message)
) as is_ours
from json_each(:ids) as wanted
join inbox on inbox.conversation = wanted.value and turn is null
order by ordered_at, seq

-- name: latest_lines
select wanted.value as conversation, (
    select json_group_array(json_array(who, text, at)) from (
        select * from line where conversation = wanted.value order by seq desc limit :limit
    ) as latest
) as lines
from json_each(:ids) as wanted

-- name: settle
update conversation set
    state = coalesce(:state, state), claimed = 0, attempts = 0, replans = 0, not_before = null,
    pending = pending - :answered, first_at = null, ready_at = null
where id = :conversation and claimed = 1 and fence = :fence and (arrived = :arrived or :frozen = 1);
select pending, owner_epoch,
    exists (select 1 from outbox where conversation = :conversation and is_open = 1) as is_queuing
from conversation where id = :conversation and changes() = 1

-- name: send_off
insert into outbox (
    conversation, turn, saying, said_at, open_since, due_at, status, claimed, fence, attempts, attempted_at,
    form, path, body, epoch
)
values (:conversation, :turn, :saying, :at, :at, :at, 'sending', 1, 1, 1, :at, 1, :path, :body, :epoch);
select last_insert_rowid() as seq

-- name: freeze
update outbox set
    status = 'sending', attempted_at = :at, attempts = case when form = :form then attempts else 1 end,
    form = :form, path = :path, body = :body, template = :template, holds = :holds, refused = :refused
where seq = :row and fence = :fence and claimed = 1 and (
    epoch is null or epoch >= (select owner_epoch from conversation where conversation.id = outbox.conversation)
);
select 1 as is_mine where changes() = 1

-- name: sent
update outbox set
    status = 'sent', is_open = 0, claimed = 0, due_at = null, settled_at = :at, reason = '',
    message_id = :message_id, provider_id = :provider_id, receipt = :receipt
where seq = :row;
select
    exists (
        select 1 from inbox where (inbox.message = :message_id or inbox.message = :provider_id) and inbox.turn = 0
    ) as is_told_of,
    exists (
        select 1 from outbox where outbox.conversation = :conversation and is_open = 1
    ) as has_followers
where changes() = 1

-- name: claim_postings
update outbox set claimed = 1, fence = fence + 1, attempts = attempts + 1
where seq in (
    select seq from outbox as head indexed by outbox_due
    where is_open = 1 and claimed = 0 and due_at <= :now and not exists (
        select 1 from outbox as earlier
        where earlier.conversation = head.conversation and earlier.is_open = 1 and earlier.seq < head.seq
    )
    order by seq limit :limit
)
returning seq, seq as rank, conversation, saying, form, path, body, template, holds, refused, attempts, attempted_at, said_at,
    open_since, fence, epoch, due_at, reason
