-- name: make_setting
insert into setting (name, value) values (:name, :value) on conflict do nothing

-- name: change_setting
insert into setting (name, value) values (:name, :value) on conflict (name) do update set value = excluded.value

-- name: setting
select value from setting where name = :name

-- name: make_channel
insert into channel (id, type, name, bot) values (:id, :type, :name, :bot) on conflict (bot, type) do nothing

-- name: channels
select * from channel order by rowid

-- name: make_conversation
insert into conversation (id, channel, address, name, phone, created_at, updated_at)
values (:id, :channel, :address, :name, :phone, :at, :at)
on conflict (channel, address) do update set name = case when excluded.name <> '' then excluded.name else name end
returning *

-- name: conversation
select conversation.*, channel.type as channel_type from conversation join channel on channel.id = conversation.channel
where conversation.id = :id

-- name: conversation_at
select conversation.*, channel.type as channel_type from conversation join channel on channel.id = conversation.channel
where conversation.channel = :channel and conversation.address = :address

-- name: conversations
select conversation.*, channel.type as channel_type from conversation join channel on channel.id = conversation.channel
where (:type = '' or channel.type = :type)
    and (:q = '' or instr(lower(conversation.name || ' ' || conversation.phone), lower(:q)) > 0)
    and (:after = '' or (case :sort when 'createdAt' then created_at else updated_at end, conversation.id) < (
        select case :sort when 'createdAt' then created_at else updated_at end, id from conversation where id = :after))
order by case :sort when 'createdAt' then created_at else updated_at end desc, conversation.id desc
limit :limit

-- name: touch
update conversation set updated_at = :at, wrote_at = case when :inbound then :at else wrote_at end where id = :id

-- name: add_message
insert into message (id, conversation, direction, type, text, content, status, provider_id, client_id, at, key,
    template)
values (:id, :conversation, :direction, :type, :text, :content, :status, :provider_id, :client_id, :at, :key, :template)
on conflict (conversation, client_id) do nothing
returning *

-- name: message_of_client
select * from message where conversation = :conversation and client_id = :client_id

-- name: message
select * from message where id = :id

-- name: latest_messages
select * from (
    select * from message
    where conversation = :conversation and seq > :after
        and (:before = '' or seq < (select seq from message where id = :before))
    order by seq desc limit :limit
) order by seq

-- name: sent
select * from message
where direction = 'outbound' and (:conversation = '' or conversation = :conversation) and seq > :after
order by seq limit :limit

-- name: latest_sent
select * from (
    select * from message
    where direction = 'outbound' and (:conversation = '' or conversation = :conversation)
    order by seq desc limit :limit
) order by seq

-- name: unread
select * from message
where conversation = :conversation and direction = 'outbound' and status not in ('read', 'failed')
    and seq <= coalesce(:seq, seq)
order by seq

-- name: set_status
update message set status = :status where id = :id

-- name: add_webhook
insert into webhook (id, channel, endpoint, events, secret, created_at)
values (:id, :channel, :endpoint, :events, :secret, :at)

-- name: webhooks
select * from webhook where :channel = '' or channel = :channel order by created_at

-- name: hand_over
update delivery set webhook = :heir, attempts = 0, due_at = :now
where webhook = :gone
    and created_at <= (select created_at from webhook where id = :heir) -- of what came later, the heir was told itself
    and not exists (
        select 1 from delivery as own
        where own.webhook = :heir and own.conversation = delivery.conversation and own.body = delivery.body)

-- name: remove_webhook
delete from webhook where id = :id

-- name: queue
insert into delivery (webhook, conversation, message, body, created_at, due_at)
values (:webhook, :conversation, :message, :body, :at, :at)

-- name: due
select delivery.*, webhook.endpoint, webhook.secret from delivery join webhook on webhook.id = delivery.webhook
where delivery.seq in (select min(seq) from delivery group by webhook, conversation) and due_at <= :now
order by delivery.seq limit :limit

-- name: waiting
select delivery.*, webhook.endpoint, webhook.secret from delivery join webhook on webhook.id = delivery.webhook
where delivery.webhook = :webhook and delivery.conversation = :conversation
order by delivery.seq limit 2

-- name: delivered
delete from delivery where seq = :seq

-- name: postpone
update delivery set attempts = attempts + 1, due_at = :due_at where seq = :seq

-- name: queued
select count(*) from delivery

-- name: put_template
insert into template (channel, name, language, category, components, status)
values (:channel, :name, :language, :category, :components, :status)
on conflict (channel, name, language) do update set
    category = excluded.category, components = excluded.components, status = excluded.status

-- name: declare_template
insert into template (channel, name, language, category, components, status)
values (:channel, :name, :language, :category, :components, :status)
on conflict (channel, name, language) do update set
    category = excluded.category, components = excluded.components

-- name: templates
select * from template where channel = :channel order by name, language

-- name: template
select * from template where channel = :channel and name = :name and language = :language

-- name: set_template_status
update template set status = :status where channel = :channel and name = :name

-- name: answered
select digest, body from answered where key = :key

-- name: answer
insert into answered (key, digest, body, at) values (:key, :digest, :body, :at)

-- name: forget_answers
delete from answered where at < :before
