"""The moderation chain: `aws_rek|manual`, what starts, what a verdict does to the rest, who decides overall."""
