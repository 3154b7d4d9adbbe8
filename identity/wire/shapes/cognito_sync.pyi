"""Shapes of cognito-sync, written by ``manage.py wire_stubs``. Do not edit."""

from datetime import datetime
from typing import Any, NotRequired, TypedDict

class BulkPublishRequest(TypedDict):
    IdentityPoolId: str

class BulkPublishResponse(TypedDict):
    IdentityPoolId: NotRequired[str]

class CognitoStreams(TypedDict):
    StreamName: NotRequired[str]
    RoleArn: NotRequired[str]
    StreamingStatus: NotRequired[str]

class Dataset(TypedDict):
    IdentityId: NotRequired[str]
    DatasetName: NotRequired[str]
    CreationDate: NotRequired[datetime]
    LastModifiedDate: NotRequired[datetime]
    LastModifiedBy: NotRequired[str]
    DataStorage: NotRequired[int]
    NumRecords: NotRequired[int]

class DeleteDatasetRequest(TypedDict):
    IdentityPoolId: str
    IdentityId: str
    DatasetName: str

class DeleteDatasetResponse(TypedDict):
    Dataset: NotRequired[Dataset]

class DescribeDatasetRequest(TypedDict):
    IdentityPoolId: str
    IdentityId: str
    DatasetName: str

class DescribeDatasetResponse(TypedDict):
    Dataset: NotRequired[Dataset]

class DescribeIdentityPoolUsageRequest(TypedDict):
    IdentityPoolId: str

class DescribeIdentityPoolUsageResponse(TypedDict):
    IdentityPoolUsage: NotRequired[IdentityPoolUsage]

class DescribeIdentityUsageRequest(TypedDict):
    IdentityPoolId: str
    IdentityId: str

class DescribeIdentityUsageResponse(TypedDict):
    IdentityUsage: NotRequired[IdentityUsage]

class GetBulkPublishDetailsRequest(TypedDict):
    IdentityPoolId: str

class GetBulkPublishDetailsResponse(TypedDict):
    IdentityPoolId: NotRequired[str]
    BulkPublishStartTime: NotRequired[datetime]
    BulkPublishCompleteTime: NotRequired[datetime]
    BulkPublishStatus: NotRequired[str]
    FailureMessage: NotRequired[str]

class GetCognitoEventsRequest(TypedDict):
    IdentityPoolId: str

class GetCognitoEventsResponse(TypedDict):
    Events: NotRequired[dict[str, str]]

class GetIdentityPoolConfigurationRequest(TypedDict):
    IdentityPoolId: str

class GetIdentityPoolConfigurationResponse(TypedDict):
    IdentityPoolId: NotRequired[str]
    PushSync: NotRequired[PushSync]
    CognitoStreams: NotRequired[CognitoStreams]

class IdentityPoolUsage(TypedDict):
    IdentityPoolId: NotRequired[str]
    SyncSessionsCount: NotRequired[int]
    DataStorage: NotRequired[int]
    LastModifiedDate: NotRequired[datetime]

class IdentityUsage(TypedDict):
    IdentityId: NotRequired[str]
    IdentityPoolId: NotRequired[str]
    LastModifiedDate: NotRequired[datetime]
    DatasetCount: NotRequired[int]
    DataStorage: NotRequired[int]

class ListDatasetsRequest(TypedDict):
    IdentityPoolId: str
    IdentityId: str
    NextToken: NotRequired[str]
    MaxResults: NotRequired[int]

class ListDatasetsResponse(TypedDict):
    Datasets: NotRequired[list[Dataset]]
    Count: NotRequired[int]
    NextToken: NotRequired[str]

class ListIdentityPoolUsageRequest(TypedDict):
    NextToken: NotRequired[str]
    MaxResults: NotRequired[int]

class ListIdentityPoolUsageResponse(TypedDict):
    IdentityPoolUsages: NotRequired[list[IdentityPoolUsage]]
    MaxResults: NotRequired[int]
    Count: NotRequired[int]
    NextToken: NotRequired[str]

class ListRecordsRequest(TypedDict):
    IdentityPoolId: str
    IdentityId: str
    DatasetName: str
    LastSyncCount: NotRequired[int]
    NextToken: NotRequired[str]
    MaxResults: NotRequired[int]
    SyncSessionToken: NotRequired[str]

class ListRecordsResponse(TypedDict):
    Records: NotRequired[list[Record]]
    NextToken: NotRequired[str]
    Count: NotRequired[int]
    DatasetSyncCount: NotRequired[int]
    LastModifiedBy: NotRequired[str]
    MergedDatasetNames: NotRequired[list[str]]
    DatasetExists: NotRequired[bool]
    DatasetDeletedAfterRequestedSyncCount: NotRequired[bool]
    SyncSessionToken: NotRequired[str]

class PushSync(TypedDict):
    ApplicationArns: NotRequired[list[str]]
    RoleArn: NotRequired[str]

class Record(TypedDict):
    Key: NotRequired[str]
    Value: NotRequired[str]
    SyncCount: NotRequired[int]
    LastModifiedDate: NotRequired[datetime]
    LastModifiedBy: NotRequired[str]
    DeviceLastModifiedDate: NotRequired[datetime]

class RecordPatch(TypedDict):
    Op: str
    Key: str
    Value: NotRequired[str]
    SyncCount: int
    DeviceLastModifiedDate: NotRequired[datetime]

class RegisterDeviceRequest(TypedDict):
    IdentityPoolId: str
    IdentityId: str
    Platform: str
    Token: str

class RegisterDeviceResponse(TypedDict):
    DeviceId: NotRequired[str]

class SetCognitoEventsRequest(TypedDict):
    IdentityPoolId: str
    Events: dict[str, str]

class SetIdentityPoolConfigurationRequest(TypedDict):
    IdentityPoolId: str
    PushSync: NotRequired[PushSync]
    CognitoStreams: NotRequired[CognitoStreams]

class SetIdentityPoolConfigurationResponse(TypedDict):
    IdentityPoolId: NotRequired[str]
    PushSync: NotRequired[PushSync]
    CognitoStreams: NotRequired[CognitoStreams]

class SubscribeToDatasetRequest(TypedDict):
    IdentityPoolId: str
    IdentityId: str
    DatasetName: str
    DeviceId: str

class SubscribeToDatasetResponse(TypedDict):
    pass

class UnsubscribeFromDatasetRequest(TypedDict):
    IdentityPoolId: str
    IdentityId: str
    DatasetName: str
    DeviceId: str

class UnsubscribeFromDatasetResponse(TypedDict):
    pass

class UpdateRecordsRequest(TypedDict):
    IdentityPoolId: str
    IdentityId: str
    DatasetName: str
    DeviceId: NotRequired[str]
    RecordPatches: NotRequired[list[RecordPatch]]
    SyncSessionToken: str
    ClientContext: NotRequired[str]

class UpdateRecordsResponse(TypedDict):
    Records: NotRequired[list[Record]]
