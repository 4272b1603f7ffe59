//! The actions, and the registry that names them. An action is a file and a line here.

use aws_wire::{Actions, Member, Shape};

use crate::client::Client;

mod batch;
mod change_message_visibility;
mod change_message_visibility_batch;
mod create_queue;
mod delete_message;
mod delete_message_batch;
mod delete_queue;
mod get_queue_attributes;
mod get_queue_url;
mod list_dead_letter_source_queues;
mod list_queue_tags;
mod list_queues;
mod page;
mod purge_queue;
mod receive_message;
mod send_message;
mod send_message_batch;
mod set_queue_attributes;
mod tag_queue;
mod untag_queue;

/// Which queue an action is about.
const QUEUE_URL: Member = Shape::string().member("QueueUrl").required();

/// All that SQS does here.
pub(crate) fn registry() -> Actions<Client> {
    Actions::new()
        .action::<change_message_visibility::ChangeMessageVisibility>()
        .action::<change_message_visibility_batch::ChangeMessageVisibilityBatch>()
        .action::<create_queue::CreateQueue>()
        .action::<delete_message::DeleteMessage>()
        .action::<delete_message_batch::DeleteMessageBatch>()
        .action::<delete_queue::DeleteQueue>()
        .action::<get_queue_attributes::GetQueueAttributes>()
        .action::<get_queue_url::GetQueueUrl>()
        .action::<list_dead_letter_source_queues::ListDeadLetterSourceQueues>()
        .action::<list_queue_tags::ListQueueTags>()
        .action::<list_queues::ListQueues>()
        .action::<purge_queue::PurgeQueue>()
        .action::<receive_message::ReceiveMessage>()
        .action::<send_message::SendMessage>()
        .action::<send_message_batch::SendMessageBatch>()
        .action::<set_queue_attributes::SetQueueAttributes>()
        .action::<tag_queue::TagQueue>()
        .action::<untag_queue::UntagQueue>()
}
