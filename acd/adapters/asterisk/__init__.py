"""The switch: Asterisk started, spoken to over AMI and FastAGI, and translated."""
