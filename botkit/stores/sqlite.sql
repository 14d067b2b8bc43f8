-- What SQLite needs in its own words: one process owns the file, so nothing is locked and no lease ends.

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
select line.conversation, who, text, at from json_each(:ids) as wanted
join line on line.seq in (
    select latest.seq from line as latest where latest.conversation = wanted.value order by latest.seq desc limit :limit
)
order by line.seq

-- name: send_off
insert into outbox (
    conversation, turn, saying, said_at, open_since, due_at, status, claimed, fence, attempts, attempted_at,
    form, path, body, epoch
)
values (:conversation, :turn, :saying, :at, :at, :at, 'sending', 1, 1, 1, :at, 1, :path, :body, :epoch)
returning seq

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
    open_since, fence, epoch
