//! The actions, and the registry that names them. An action is a file and a line here.

use aws_wire::Actions;

use crate::Ec2;

mod describe_availability_zones;

/// All that EC2 does here.
pub(crate) fn registry() -> Actions<Ec2> {
    Actions::new().action::<describe_availability_zones::DescribeAvailabilityZones>()
}
