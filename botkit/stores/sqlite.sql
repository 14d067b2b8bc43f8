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
returning id, bot, channel, contact, state, fence, arrived, attempts, replans, ready_at as rank

-- name: claimed
select fence, arrived, pending, claimed from conversation where id = :conversation and claimed = 1

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
    open_since, fence
