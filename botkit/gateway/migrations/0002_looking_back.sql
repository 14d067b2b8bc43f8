-- What a test asks about a send afterwards, and indexes for what every send and every inbound message looks up.

alter table message add column key text not null default '';        -- the idempotency key of the send
alter table message add column template text not null default '';   -- the template's name, if it is one

create index message_unread on message (conversation, seq)
where direction = 'outbound' and status not in ('read', 'failed');

create index answered_at on answered (at);
