-- Whose a conversation is. The epoch rises each time that it changes hands, apart from the fence of claims: what the bot
-- said in an earlier one does not go out any more. Rows without an epoch are a person's own, and go out in any.
alter table conversation add column owner text not null default 'bot';
alter table conversation add column owner_epoch integer not null default 0;
alter table conversation add column owned_at real;
create index conversation_with_team on conversation (owned_at) where owner = 'team';

alter table outbox add column epoch integer default 0;
alter table timer add column epoch integer not null default 0;

-- What teams are told. Who takes a note puts off when it is due: that is its lease.
create table note (
    seq integer primary key autoincrement,  -- part of the idempotency key
    conversation integer not null references conversation (id),
    turn integer not null,
    body text not null,
    made_at real not null,
    status text not null default 'waiting',
    due_at real,
    attempts integer not null default 0,
    reason text not null default '',
    settled_at real
);
create index note_due on note (due_at) where due_at is not null;
create index note_by_conversation on note (conversation, seq);
create index note_by_age on note (settled_at) where settled_at is not null;
